package storetest

import (
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// checkReopened is about what was acknowledged, and about numbers, ids and chain
// going on from where they were.
func checkReopened(s *scene) {
	if s.suite.Reopen == nil {
		return
	}
	s.organize("acme")
	ada := s.put(withPassword(authz.User, "ada"))
	mint := fullToken("1", s.now().Add(time.Hour))
	mint.Token.Owner = ada.ID
	token := s.mint(mint)
	revoked := s.mintFor(ada.ID, "2")
	revoked = s.apply(authz.RevokeToken{ID: revoked.ID, Reason: "lost"}).Token
	if err := s.Used(s.Context(), map[string]time.Time{token.ID: s.now()}); err != nil {
		s.Fatalf("used: %v", err)
	}
	token.LastUsed = kept(s.now())
	member := authz.Membership{Organization: "acme", Subject: "a", Role: "owner", Scopes: []string{"read"}}
	s.apply(authz.PutMember{Membership: member})
	domain := authz.Domain{Name: "shop.example", Organization: "acme", Verified: true}
	s.apply(authz.PutDomain{Domain: domain})
	s.apply(authz.PutServerKey{ServerKey: authz.ServerKey{ID: "k1", Check: "a"}})
	changes, entries := s.allRows(authz.MostRows)

	s.Engine = s.suite.Reopen(s, s.Engine, s.now)
	s.same("token", s.token(ref("1")), token)
	s.same("revoked token", s.token(ref("2")), revoked)
	s.same("principal", s.principal(authz.User, "ada"), ada)
	s.same("member", s.member("acme", "a"), member)
	s.same("domain", s.domain("shop.example"), domain)
	s.idle(authz.PutServerKey{ServerKey: authz.ServerKey{ID: "k1", Check: "a"}})
	reopenedChanges, reopenedEntries := s.allRows(authz.MostRows)
	s.same("feed", reopenedChanges, changes)
	s.same("audit", reopenedEntries, entries)
	if fresh := s.mint(minting("3")); fresh.ID == token.ID || fresh.ID == revoked.ID {
		s.Errorf("the id %q was used again", fresh.ID)
	}
	if bob := s.put(person(authz.User, "bob")); bob.ID == ada.ID {
		s.Errorf("the id %q was used again", bob.ID)
	}
	s.allRows(authz.MostRows)
}
