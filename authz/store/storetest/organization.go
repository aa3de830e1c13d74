package storetest

import (
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func checkOrganizations(s *scene) {
	put := func(id, name string) authz.PutOrganization {
		return authz.PutOrganization{Organization: authz.Organization{ID: id, Name: name}}
	}
	want := touch(authz.TopicOrganization, "acme")
	s.apply(put("acme", "Acme"), want...)
	s.idle(put("acme", "Acme"))
	s.apply(put("acme", "Acme & Co"), want...)
	s.apply(put("other", "Acme & Co"), touch(authz.TopicOrganization, "other")...)
	s.same("organizations", s.list(authz.Query{Of: authz.Organizations}).Organizations,
		[]authz.Organization{{ID: "acme", Name: "Acme & Co"}, {ID: "other", Name: "Acme & Co"}})
	s.apply(authz.RemoveOrganization{ID: "acme", Reason: "closed"}, want...)
	s.refuse(authz.RemoveOrganization{ID: "acme", Reason: "closed"}, authz.ErrNotFound)
	s.same("organizations", s.list(authz.Query{Of: authz.Organizations}).Organizations, []authz.Organization{{ID: "other", Name: "Acme & Co"}})
}

func checkMembers(s *scene) {
	m := authz.Membership{Organization: "acme", Subject: "auth0|ada", Role: "owner", Scopes: []string{"write", "read"}}
	s.noMember("acme", "auth0|ada")
	s.refuse(authz.PutMember{Membership: m}, authz.ErrNotFound)
	s.noMember("acme", "auth0|ada")
	s.organize("acme", "other")
	want := touchMember(memberKey{m.Organization, m.Subject})
	s.apply(authz.PutMember{Membership: m}, want...)
	s.same("member", s.member("acme", "auth0|ada"), m)
	s.idle(authz.PutMember{Membership: m})
	s.noMember("other", "auth0|ada")
	s.noMember("acme", "auth0|ad")
	for _, edit := range []func(){
		func() { m.Role = "viewer" }, func() { m.Scopes = []string{"read", "write"} }, func() { m.Role, m.Scopes = "", nil },
	} {
		edit()
		s.apply(authz.PutMember{Membership: m}, want...)
		s.same("changed member", s.member("acme", "auth0|ada"), m)
	}
	elsewhere := authz.Membership{Organization: "other", Subject: "auth0|ada", Role: "owner"}
	s.apply(authz.PutMember{Membership: elsewhere})
	s.apply(authz.RemoveMember{Organization: "acme", Subject: "auth0|ada"}, want...)
	s.noMember("acme", "auth0|ada")
	s.same("member elsewhere", s.member("other", "auth0|ada"), elsewhere)
	s.refuse(authz.RemoveMember{Organization: "acme", Subject: "auth0|ada"}, authz.ErrNotFound)
}

func checkDomains(s *scene) {
	put := func(organization string, verified bool) authz.PutDomain {
		return authz.PutDomain{Domain: authz.Domain{Name: "shop.example", Organization: organization, Verified: verified}}
	}
	want := touch(authz.TopicDomain, "shop.example")
	s.noDomain("shop.example")
	s.refuse(put("acme", true), authz.ErrNotFound)
	s.noDomain("shop.example")
	s.organize("acme", "other")
	s.apply(put("acme", false), want...)
	s.same("asked for", s.domain("shop.example"), put("acme", false).Domain)
	s.apply(put("other", false), want...)
	s.same("asked for by another one", s.domain("shop.example"), put("other", false).Domain)
	s.apply(put("acme", true), want...)
	s.idle(put("acme", true))
	s.refuse(put("other", false), authz.ErrExists)
	s.refuse(put("other", true), authz.ErrExists)
	s.refuse(put("nobody", true), authz.ErrNotFound)
	s.same("verified", s.domain("shop.example"), put("acme", true).Domain)
	for _, name := range []string{"SHOP.example", "shop.example.", "shop.example:443", "op.example", "www.shop.example", "*.example", "shop_example", ""} {
		s.noDomain(name)
	}
	s.apply(put("acme", false), want...)
	s.apply(put("other", true), want...)
	s.same("verified by another one", s.domain("shop.example"), put("other", true).Domain)
	s.apply(authz.RemoveDomain{Name: "shop.example"}, want...)
	s.noDomain("shop.example")
	s.refuse(authz.RemoveDomain{Name: "shop.example"}, authz.ErrNotFound)
	s.apply(put("acme", true), want...)
	s.same("verified after a removal", s.domain("shop.example"), put("acme", true).Domain)
}

func checkRemovedOrganization(s *scene) {
	s.organize("acme", "other")
	ada := s.put(person(authz.User, "ada"))
	mintIn := func(tenant, lookup string) authz.Token {
		c := minting(lookup)
		c.Token.Tenant, c.Token.Owner = tenant, ada.ID
		return s.mint(c)
	}
	live, revoked, elsewhere := mintIn("acme", "1"), mintIn("acme", "2"), mintIn("other", "3")
	revoked = s.apply(authz.RevokeToken{ID: revoked.ID, Reason: "before"}).Token
	for _, organization := range []string{"acme", "other"} {
		s.apply(authz.PutMember{Membership: authz.Membership{Organization: organization, Subject: "ada"}})
		s.apply(authz.PutDomain{Domain: authz.Domain{Name: organization + ".example", Organization: organization, Verified: true}})
	}
	s.pass(time.Minute)
	want := append(touch(authz.TopicOrganization, "acme"), touchToken(live)...)
	want = append(want, touchMember(memberKey{"acme", "ada"})...)
	want = append(want, touch(authz.TopicDomain, "acme.example")...)
	s.apply(authz.RemoveOrganization{ID: "acme", Reason: "closed"}, want...)
	live.Revoked, live.Reason = kept(s.now()), "closed"
	s.same("token of the organization", s.token(live.Ref), live)
	s.same("token that was revoked before", s.token(revoked.Ref), revoked)
	s.same("token of another organization", s.token(elsewhere.Ref), elsewhere)
	s.noMember("acme", "ada")
	s.member("other", "ada")
	s.noDomain("acme.example")
	s.domain("other.example")
	s.organize("acme")
	s.noMember("acme", "ada")
	s.noDomain("acme.example")
	s.same("token of the organization that was", s.token(live.Ref), live)
}

func checkServerKeys(s *scene) {
	put := func(id, check string) authz.PutServerKey {
		return authz.PutServerKey{ServerKey: authz.ServerKey{ID: id, Check: check}}
	}
	s.apply(put("k2", "b"))
	s.apply(put("k1", "a"))
	s.idle(put("k1", "a"))
	s.refuse(put("k1", "b"), authz.ErrExists)
	s.same("server keys", s.list(authz.Query{Of: authz.ServerKeys}).ServerKeys, []authz.ServerKey{{ID: "k1", Check: "a"}, {ID: "k2", Check: "b"}})
	s.apply(authz.RemoveServerKey{ID: "k1"})
	s.refuse(authz.RemoveServerKey{ID: "k1"}, authz.ErrNotFound)
	s.same("server keys that are left", s.list(authz.Query{Of: authz.ServerKeys}).ServerKeys, []authz.ServerKey{{ID: "k2", Check: "b"}})
	s.apply(put("k1", "b"))
}
