package storetest

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// unstorable are texts for names. What is too long for one is not for a verifier.
func unstorable() []string {
	return []string{"a\x00b", "a\xff", "\xed\xa0\x80", strings.Repeat("a", authz.MostText+1)}
}

// checkInvalid is about whether an engine refuses; what is wrong is CheckMutation's,
// and tested with it.
func checkInvalid(s *scene) {
	s.organize("acme")
	ada := s.put(withPassword(authz.User, "ada"))
	token := s.mintFor(ada.ID, "1")
	s.refuseBy(authz.Act{Origin: "cli"}, minting("2"), authz.ErrInvalid)
	s.refuseBy(authz.Act{Actor: "ada"}, minting("2"), authz.ErrInvalid)
	s.refuseBy(authz.Act{Actor: "a\x00", Origin: "cli"}, minting("2"), authz.ErrInvalid)
	s.refuse(nil, authz.ErrInvalid)
	pointer := minting("2")
	s.refuse(&pointer, authz.ErrInvalid)
	for _, change := range s.invalidTokens(token) {
		s.refuse(change, authz.ErrInvalid)
	}
	for _, change := range invalidOthers() {
		s.refuse(change, authz.ErrInvalid)
	}
	s.same("token after refusals", s.token(ref("1")), token)
	s.same("principal after refusals", s.principal(authz.User, "ada"), ada)
	s.same("tokens", len(s.list(authz.Query{Of: authz.Tokens}).Tokens), 1)
	s.same("domains", len(s.list(authz.Query{Of: authz.Domains}).Domains), 0)
	s.same("members", len(s.list(authz.Query{Of: authz.Members}).Members), 0)
}

func (s *scene) invalidTokens(token authz.Token) []authz.Mutation {
	var all []authz.Mutation
	mint := func(edit func(*authz.Token)) {
		c := minting("2")
		edit(&c.Token)
		all = append(all, c)
	}
	rotate := func(edit func(*authz.RotateToken)) {
		c := authz.RotateToken{ID: token.ID, Successor: successor("2"), Overlap: time.Hour}
		edit(&c)
		all = append(all, c)
	}
	now := s.now()
	for _, edit := range []func(*authz.Token){
		func(t *authz.Token) { t.ID = "mine" }, func(t *authz.Token) { t.Created = now }, func(t *authz.Token) { t.LastUsed = now },
		func(t *authz.Token) { t.Revoked = now }, func(t *authz.Token) { t.Reason = "lost" }, func(t *authz.Token) { t.Disabled = true },
		func(t *authz.Token) { t.OwnerNetworks = networks("192.0.2.0/24") },
		func(t *authz.Token) { t.Ref.Lookup = "" }, func(t *authz.Token) { t.Verifier = "" }, func(t *authz.Token) { t.Expires = now },
		func(t *authz.Token) { t.Expires = now.Add(-time.Hour) }, func(t *authz.Token) { t.Expires = now.AddDate(9000, 0, 0) },
		func(t *authz.Token) { t.Verifier = strings.Repeat("v", authz.MostVerifier+1) }, func(t *authz.Token) { t.Verifier = "v\x00" },
	} {
		mint(edit)
		rotate(func(c *authz.RotateToken) { edit(&c.Successor) })
	}
	for _, edit := range []func(*authz.Token){
		func(t *authz.Token) { t.Name = "another" }, func(t *authz.Token) { t.Owner = token.Owner }, func(t *authz.Token) { t.Subject = "root" },
		func(t *authz.Token) { t.Tenant = "acme" }, func(t *authz.Token) { t.Role = "owner" }, func(t *authz.Token) { t.User = "u" },
		func(t *authz.Token) { t.Scopes = []string{"*"} }, func(t *authz.Token) { t.Claims = map[string]any{"a": true} },
		func(t *authz.Token) { t.Networks = networks("192.0.2.0/24") },
	} {
		rotate(func(c *authz.RotateToken) { edit(&c.Successor) })
	}
	rotate(func(c *authz.RotateToken) { c.Overlap = -1 })
	rotate(func(c *authz.RotateToken) { c.ID = "" })
	mint(func(t *authz.Token) { t.Subject = "" })
	mint(func(t *authz.Token) { t.Scopes = []string{""} })
	for _, block := range []netip.Prefix{{}, netip.PrefixFrom(netip.MustParseAddr("192.0.2.9"), 24), netip.MustParsePrefix("::ffff:192.0.2.0/120")} {
		mint(func(t *authz.Token) { t.Networks = authz.Networks{block} })
	}
	mint(func(t *authz.Token) { t.Networks = slices.Repeat(networks("192.0.2.0/24"), authz.MostNetworks+1) })
	mint(func(t *authz.Token) { t.Claims = map[string]any{"f": func() {}} })
	for _, bad := range unstorable() {
		for _, edit := range []func(*authz.Token){
			func(t *authz.Token) { t.Ref.Prefix = bad }, func(t *authz.Token) { t.Ref.Lookup = bad }, func(t *authz.Token) { t.Name = bad },
			func(t *authz.Token) { t.Owner = bad }, func(t *authz.Token) { t.Subject = bad }, func(t *authz.Token) { t.Tenant = bad },
			func(t *authz.Token) { t.Role = bad }, func(t *authz.Token) { t.User = bad }, func(t *authz.Token) { t.Scopes = []string{"read", bad} },
		} {
			mint(edit)
		}
		all = append(all, authz.RevokeToken{ID: token.ID, Reason: bad}, authz.RevokeToken{ID: bad}, authz.RevokeToken{Ref: ref(bad)})
		rotate(func(c *authz.RotateToken) { c.ID = bad })
	}
	below := minting("2")
	below.Most = -1
	return append(all, below, authz.RevokeToken{}, authz.RevokeToken{Ref: authz.TokenRef{Prefix: "mbz_"}})
}

func invalidRenewals() []authz.Mutation {
	whole := authz.RenewVerifier{Holder: authz.Holder{Kind: authz.User, Name: "ada"}, Old: proof + " of ada", New: "new"}
	var all []authz.Mutation
	for _, edit := range []func(*authz.RenewVerifier){
		func(c *authz.RenewVerifier) { c.Holder = authz.Holder{} },
		func(c *authz.RenewVerifier) { c.Holder.Token = "1" },
		func(c *authz.RenewVerifier) { c.Holder.Kind = "root" },
		func(c *authz.RenewVerifier) { c.Holder.Name = "" },
		func(c *authz.RenewVerifier) { c.Holder.Name = "a\x00" },
		func(c *authz.RenewVerifier) { c.Old = "" },
		func(c *authz.RenewVerifier) { c.New = "" },
		func(c *authz.RenewVerifier) { c.New = "v\x00" },
	} {
		c := whole
		edit(&c)
		all = append(all, c)
	}
	return all
}

func invalidOthers() []authz.Mutation {
	user := func(edit func(*authz.Principal)) authz.Mutation {
		p := withPassword(authz.User, "bob")
		edit(&p)
		return authz.PutPrincipal{Principal: p}
	}
	all := []authz.Mutation{
		user(func(p *authz.Principal) { p.Kind = "" }), user(func(p *authz.Principal) { p.Kind = "root" }),
		user(func(p *authz.Principal) { p.Login = "" }), user(func(p *authz.Principal) { p.Login = "both" }),
		user(func(p *authz.Principal) { p.Login = authz.LoginToken }), user(func(p *authz.Principal) { p.Verifier = "" }),
		user(func(p *authz.Principal) { p.Subject = "" }), user(func(p *authz.Principal) { p.Scopes = []string{""} }),
		user(func(p *authz.Principal) { p.Claims = map[string]any{"n": 1} }),
		authz.RemovePrincipal{Name: "ada"},
		authz.RemovePrincipal{Kind: "root", Name: "ada"},
		authz.PutMember{Membership: authz.Membership{Organization: "acme", Subject: "a", Scopes: []string{""}}},
	}
	all = append(all, invalidRenewals()...)
	for _, host := range []string{"SHOP.example", "shop.example.", "shop.example:443", "shop example", "shöp.example", "..", "a@b"} {
		all = append(all, authz.PutDomain{Domain: authz.Domain{Name: host, Organization: "acme"}})
	}
	for _, bad := range append(unstorable(), "") {
		all = append(all,
			user(func(p *authz.Principal) { p.Name = bad }), user(func(p *authz.Principal) { p.Subject = bad }),
			authz.RemovePrincipal{Kind: authz.User, Name: bad},
			authz.PutOrganization{Organization: authz.Organization{ID: bad}}, authz.RemoveOrganization{ID: bad},
			authz.PutMember{Membership: authz.Membership{Organization: bad, Subject: "a"}},
			authz.PutMember{Membership: authz.Membership{Organization: "acme", Subject: bad}},
			authz.RemoveMember{Organization: bad, Subject: "a"}, authz.RemoveMember{Organization: "acme", Subject: bad},
			authz.PutDomain{Domain: authz.Domain{Name: bad, Organization: "acme"}},
			authz.PutDomain{Domain: authz.Domain{Name: "a.example", Organization: bad}}, authz.RemoveDomain{Name: bad},
			authz.PutServerKey{ServerKey: authz.ServerKey{ID: bad, Check: "a"}}, authz.PutServerKey{ServerKey: authz.ServerKey{ID: "k", Check: bad}},
			authz.RemoveServerKey{ID: bad})
	}
	for _, bad := range unstorable() {
		all = append(all,
			authz.RemovePrincipal{Kind: authz.User, Name: "ada", Reason: bad}, authz.RemoveOrganization{ID: "acme", Reason: bad},
			authz.PutOrganization{Organization: authz.Organization{ID: "acme", Name: bad}},
			authz.PutMember{Membership: authz.Membership{Organization: "acme", Subject: "a", Role: bad}})
	}
	return all
}
