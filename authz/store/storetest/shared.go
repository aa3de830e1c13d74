package storetest

import (
	"net/netip"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// spoil changes everything that a grant points to.
func spoil(g authz.Grant) {
	for i := range g.Scopes {
		g.Scopes[i] = "spoilt"
	}
	for i := range g.Networks {
		g.Networks[i] = netip.Prefix{}
	}
	for _, value := range g.Claims {
		switch v := value.(type) {
		case []any:
			for i := range v {
				v[i] = "spoilt"
			}
		case map[string]any:
			v["spoilt"] = true
		default:
		}
	}
	if g.Claims != nil {
		g.Claims["spoilt"] = true
	}
}

func spoilTouched(touched []authz.Touch) {
	for i := range touched {
		for j := range touched[i].Name {
			touched[i].Name[j] = "spoilt"
		}
		touched[i].Topic = "spoilt"
	}
}

// checkShared changes whatever was given to the store and whatever it gave, after
// each step, and looks whether the store has changed.
func checkShared(s *scene) {
	s.organize("acme")
	mint := fullToken("1", time.Time{})
	minted := s.apply(mint)
	tokenIntact := func(after string) {
		s.Helper()
		s.same("token's grant after "+after, s.token(ref("1")).Grant, grant())
	}
	spoil(mint.Token.Grant)
	tokenIntact("the mint was changed")
	spoil(minted.Token.Grant)
	spoilTouched(minted.Touched)
	tokenIntact("what was applied was changed")
	spoil(s.token(ref("1")).Grant)
	tokenIntact("a token was changed")
	spoil(s.list(authz.Query{Of: authz.Tokens}).Tokens[0].Grant)
	tokenIntact("a list was changed")
	rotated := s.apply(authz.RotateToken{ID: minted.Token.ID, Successor: successor("2"), Overlap: time.Hour})
	spoil(rotated.Token.Grant)
	tokenIntact("the successor was changed")
	s.same("successor's grant", s.token(ref("2")).Grant, grant())
	spoil(s.apply(authz.RevokeToken{ID: minted.Token.ID}).Token.Grant)
	spoil(s.idle(authz.RevokeToken{ID: minted.Token.ID}).Token.Grant)
	tokenIntact("what a revocation gave was changed")

	p := person(authz.User, "ada")
	p.Grant = grant()
	put := s.put(p)
	spoil(p.Grant)
	spoil(put.Grant)
	spoil(s.principal(authz.User, "ada").Grant)
	spoil(s.list(authz.Query{Of: authz.Principals}).Principals[0].Grant)
	s.same("principal's grant", s.principal(authz.User, "ada").Grant, grant())

	m := authz.Membership{Organization: "acme", Subject: "a", Scopes: []string{"read"}}
	s.apply(authz.PutMember{Membership: m})
	m.Scopes[0] = "spoilt"
	s.member("acme", "a").Scopes[0] = "spoilt"
	s.list(authz.Query{Of: authz.Members}).Members[0].Scopes[0] = "spoilt"
	s.same("member's scopes", s.member("acme", "a").Scopes, []string{"read"})

	before, _ := s.allRows(authz.MostRows)
	for _, c := range before {
		spoilTouched(c.Touched)
	}
	after, _ := s.allRows(authz.MostRows)
	for _, c := range after {
		for _, t := range c.Touched {
			if t.Topic == "spoilt" || len(t.Name) > 0 && t.Name[0] == "spoilt" {
				s.Errorf("row %d was changed from outside: %v", c.Seq, t)
			}
		}
	}
}
