package storetest

import (
	"net/netip"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// proof is a part of every verifier of the suite, so that it can be searched for.
const proof = "canary-proof-5d1e"

// ref is a reference with the suite's prefix.
func ref(lookup string) authz.TokenRef { return authz.TokenRef{Prefix: "mbz_", Lookup: lookup} }

// minting is a mint with nothing but what it needs.
func minting(lookup string) authz.MintToken {
	return authz.MintToken{Token: authz.Token{
		Ref: ref(lookup), Verifier: proof + " of " + lookup, Grant: authz.Grant{Subject: "subject-of-" + lookup},
	}}
}

// successor is what a rotation brings.
func successor(lookup string) authz.Token {
	return authz.Token{Ref: ref(lookup), Verifier: proof + " of " + lookup}
}

// grant is one with everything.
func grant() authz.Grant {
	return authz.Grant{
		Subject: "subject", Tenant: "acme", Role: "owner", User: "u1", Scopes: []string{"write", "read", "a b"}, Networks: networks("2001:db8::/32", "203.0.113.9/32"),
		Claims: map[string]any{
			"text": "Zoë \u2028", "number": 1.5, "yes": true, "nothing": nil,
			"list": []any{"b", "a", map[string]any{"deep": []any{}}}, "object": map[string]any{"z": "1", "a": 2.0},
		},
	}
}

// networks are blocks that can be read.
func networks(blocks ...string) authz.Networks {
	var all authz.Networks
	for _, block := range blocks {
		all = append(all, netip.MustParsePrefix(block))
	}
	return all
}

// fullToken is a mint with everything.
func fullToken(lookup string, expires time.Time) authz.MintToken {
	c := minting(lookup)
	c.Token.Name, c.Token.Grant, c.Token.Expires = "for the build", grant(), expires
	return c
}

func person(kind authz.PrincipalKind, name string) authz.Principal {
	return authz.Principal{Kind: kind, Name: name, Login: authz.LoginToken, Grant: authz.Grant{Subject: "subject-of-" + name}}
}

func withPassword(kind authz.PrincipalKind, name string) authz.Principal {
	p := person(kind, name)
	p.Login, p.Verifier = authz.LoginPassword, proof+" of "+name
	return p
}

// put adds a principal, and organize an organization.
func (s *scene) put(p authz.Principal, want ...authz.Touch) authz.Principal {
	s.Helper()
	return s.apply(authz.PutPrincipal{Principal: p}, append(want, touch(authz.TopicPrincipal, string(p.Kind), p.Name)...)...).Principal
}

func (s *scene) organize(ids ...string) {
	s.Helper()
	for _, id := range ids {
		s.apply(authz.PutOrganization{Organization: authz.Organization{ID: id}}, touch(authz.TopicOrganization, id)...)
	}
}

func (s *scene) mint(c authz.MintToken) authz.Token {
	s.Helper()
	return s.apply(c, touch(authz.TopicTokenRef, c.Token.Ref.Prefix, c.Token.Ref.Lookup)...).Token
}

// mintFor mints a token that has an owner.
func (s *scene) mintFor(owner, lookup string) authz.Token {
	s.Helper()
	c := minting(lookup)
	c.Token.Owner = owner
	return s.mint(c)
}

// reasonOf is what the audit holds of a change's reason.
func reasonOf(change authz.Mutation) string {
	switch c := change.(type) {
	case authz.RevokeToken:
		return c.Reason
	case authz.RemovePrincipal:
		return c.Reason
	case authz.RemoveOrganization:
		return c.Reason
	default:
		return ""
	}
}

// objectNames is what the audit's object must hold.
func objectNames(change authz.Mutation, applied authz.Applied) []string {
	switch c := change.(type) {
	case authz.MintToken, authz.RevokeToken:
		return []string{applied.Token.ID}
	case authz.RotateToken:
		return []string{c.ID, applied.Token.ID}
	case authz.PutPrincipal:
		return []string{string(c.Principal.Kind), c.Principal.Name}
	case authz.RemovePrincipal:
		return []string{string(c.Kind), c.Name}
	case authz.PutOrganization:
		return []string{c.Organization.ID}
	case authz.RemoveOrganization:
		return []string{c.ID}
	case authz.PutMember:
		return []string{c.Membership.Organization, c.Membership.Subject}
	case authz.RemoveMember:
		return []string{c.Organization, c.Subject}
	case authz.PutDomain:
		return []string{c.Domain.Name}
	case authz.RemoveDomain:
		return []string{c.Name}
	case authz.PutServerKey:
		return []string{c.ServerKey.ID}
	case authz.RemoveServerKey:
		return []string{c.ID}
	case authz.RenewVerifier:
		return []string{c.Holder.Token, string(c.Holder.Kind), c.Holder.Name}
	default:
		return nil
	}
}
