package storetest

import (
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func checkPrincipals(s *scene) {
	kinds := []authz.PrincipalKind{authz.Administrator, authz.User, authz.Machine, authz.Client}
	for i, kind := range kinds {
		for _, other := range kinds[i:] {
			s.noPrincipal(other, "ada")
		}
		p := withPassword(kind, "ada")
		p.Grant = grant()
		got := s.put(p)
		p.ID = got.ID
		s.same("principal", got, p)
		s.same("principal by name", s.principal(kind, "ada"), p)
		s.same("principal put again", s.idle(authz.PutPrincipal{Principal: p}).Principal, p)
	}
	s.noPrincipal("user2", "ada")
	s.noPrincipal("", "ada")

	before := s.principal(authz.Machine, "ada")
	tokenLogin := before
	tokenLogin.Login, tokenLogin.Verifier = authz.LoginToken, ""
	s.refuse(authz.PutPrincipal{Principal: tokenLogin}, authz.ErrInvalid)
	otherID := before
	otherID.ID = s.principal(authz.User, "ada").ID
	otherID.Role = "taker"
	s.refuse(authz.PutPrincipal{Principal: otherID}, authz.ErrInvalid)
	ghost := withPassword(authz.Machine, "ghost")
	ghost.ID = before.ID
	s.refuse(authz.PutPrincipal{Principal: ghost}, authz.ErrInvalid)
	s.noPrincipal(authz.Machine, "ghost")
	s.same("principal after refusals", s.principal(authz.Machine, "ada"), before)

	s.put(person(authz.Client, "bob"))
	s.refuse(authz.PutPrincipal{Principal: withPassword(authz.Client, "bob")}, authz.ErrInvalid)

	changed := before
	changed.Verifier, changed.Role, changed.Scopes, changed.Claims = proof+" changed", "viewer", []string{"read"}, nil
	s.same("changed principal", s.put(changed, touch(authz.TopicOwner, before.ID)...), changed)
	s.same("changed principal by name", s.principal(authz.Machine, "ada"), changed)
	changed.ID = ""
	changed.Scopes = nil
	s.same("id of a principal changed by name", s.put(changed).ID, before.ID)
	s.same("other principal", s.principal(authz.User, "ada").Grant, grant())
}

func checkOneCredential(s *scene) {
	mintFor := func(p authz.Principal, lookup string) authz.MintToken {
		c := minting(lookup)
		c.Token.Owner = p.ID
		return c
	}
	machine := s.put(withPassword(authz.Machine, "ada"))
	s.refuse(mintFor(machine, "machine"), authz.ErrInvalid)
	s.noToken(ref("machine"))
	for _, kind := range []authz.PrincipalKind{authz.Administrator, authz.User, authz.Client} {
		s.mint(mintFor(s.put(withPassword(kind, "ada")), string(kind)))
	}
	other := s.put(person(authz.Machine, "bob"))
	token := s.mint(mintFor(other, "other"))
	withBoth := withPassword(authz.Machine, "bob")
	s.refuse(authz.PutPrincipal{Principal: withBoth}, authz.ErrInvalid)
	s.apply(authz.RemovePrincipal{Kind: authz.Machine, Name: "bob"})
	s.refuse(mintFor(s.put(withBoth), "namesake"), authz.ErrInvalid)
	s.refuse(authz.RotateToken{ID: token.ID, Successor: successor("next")}, authz.ErrInvalid)
	s.same("tokens", len(s.list(authz.Query{Of: authz.Tokens}).Tokens), 4)
}

func checkOwned(s *scene) {
	ada, bob := s.put(person(authz.User, "ada")), s.put(person(authz.User, "bob"))
	first, second, others, own := s.mintFor(ada.ID, "1"), s.mintFor(ada.ID, "2"), s.mintFor(bob.ID, "3"), s.mint(minting("4"))
	for _, c := range []struct {
		name     string
		disabled bool
	}{{"disabled", true}, {"enabled", false}, {"disabled again", true}} {
		ada.Disabled = c.disabled
		s.put(ada, append(touch(authz.TopicOwner, ada.ID), append(touchToken(first), touchToken(second)...)...)...)
		for _, want := range []authz.Token{first, second} {
			want.Disabled = c.disabled
			s.same("token of who is "+c.name, s.token(want.Ref), want)
			if want.Active(s.now()) == c.disabled {
				s.Errorf("token of who is %s: active is %t", c.name, !c.disabled)
			}
		}
		s.same("first of the tokens listed", s.list(authz.Query{Of: authz.Tokens, Owner: ada.ID}).Tokens[0].Disabled, c.disabled)
		s.same("token of somebody else", s.token(others.Ref), others)
		s.same("token of nobody", s.token(own.Ref), own)
	}
	got := s.apply(authz.RotateToken{ID: first.ID, Successor: successor("5")}).Token
	s.same("successor of a disabled token is disabled", got.Disabled, true)
}

func checkOwnersNetworks(s *scene) {
	ada, bob := s.put(person(authz.User, "ada")), s.put(person(authz.User, "bob"))
	token, others, own := s.mintFor(ada.ID, "1"), s.mintFor(bob.ID, "2"), s.mint(minting("3"))
	for _, list := range []authz.Networks{networks("203.0.113.0/24"), networks("203.0.113.0/24", "2001:db8::/32"), networks("192.0.2.9/32"), nil} {
		ada.Networks = list
		s.put(ada, append(touch(authz.TopicOwner, ada.ID), touchToken(token)...)...)
		token.OwnerNetworks = list
		s.same("token of who has networks", s.token(token.Ref), token)
		s.same("the token listed", s.list(authz.Query{Of: authz.Tokens, Owner: ada.ID}).Tokens[0], token)
		s.same("token of somebody else", s.token(others.Ref), others)
		s.same("token of nobody", s.token(own.Ref), own)
	}
	ada.Networks = networks("203.0.113.0/24")
	s.put(ada)
	got := s.apply(authz.RotateToken{ID: token.ID, Successor: successor("4")}).Token
	s.same("a successor's owner's networks", got.OwnerNetworks, ada.Networks)
	s.same("a successor's own", got.Networks, authz.Networks(nil))
}

func checkRemovedPrincipal(s *scene) {
	s.organize("acme", "other")
	ada := s.put(person(authz.User, "ada"))
	s.put(person(authz.Machine, "ada2"))
	for _, subject := range []string{ada.Subject, "somebody"} {
		s.apply(authz.PutMember{Membership: authz.Membership{Organization: "acme", Subject: subject}})
		s.apply(authz.PutMember{Membership: authz.Membership{Organization: "other", Subject: subject}})
	}
	live, revoked, own := s.mintFor(ada.ID, "1"), s.mintFor(ada.ID, "2"), s.mint(minting("3"))
	revoked = s.apply(authz.RevokeToken{ID: revoked.ID, Reason: "before"}).Token
	s.pass(time.Minute)
	want := append(touchPrincipal(ada), touchToken(live)...)
	want = append(want, touchMember(memberKey{"acme", ada.Subject})...)
	want = append(want, touchMember(memberKey{"other", ada.Subject})...)
	applied := s.apply(authz.RemovePrincipal{Kind: authz.User, Name: "ada", Reason: "left"}, want...)
	s.same("removed principal", applied.Principal, ada)
	s.noPrincipal(authz.User, "ada")
	live.Revoked, live.Reason, live.Disabled, revoked.Disabled = kept(s.now()), "left", true, true
	s.same("token of who was removed", s.token(live.Ref), live)
	s.same("token that was revoked before", s.token(revoked.Ref), revoked)
	s.same("token of nobody", s.token(own.Ref), own)
	for _, organization := range []string{"acme", "other"} {
		s.noMember(organization, ada.Subject)
		s.member(organization, "somebody")
	}
	s.principal(authz.Machine, "ada2")
	s.refuse(authz.RemovePrincipal{Kind: authz.User, Name: "ada"}, authz.ErrNotFound)
	s.refuse(authz.RemovePrincipal{Kind: authz.User, Name: "ada2"}, authz.ErrNotFound)

	again := s.put(withPassword(authz.User, "ada"))
	s.same("token of a namesake", s.token(live.Ref), live)
	s.same("tokens of the namesake", len(s.list(authz.Query{Of: authz.Tokens, Owner: again.ID}).Tokens), 0)
	s.noMember("acme", again.Subject)
}
