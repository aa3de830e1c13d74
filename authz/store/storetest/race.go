package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/sallyport-authz/sallyport/authz"
)

// checkRaces lets many make one change at once. One of them makes it; the others
// are refused, or find it made.
func checkRaces(s *scene) {
	const racers = 12
	organizations := make([]string, racers)
	for i := range organizations {
		organizations[i] = fmt.Sprintf("o%d", i)
	}
	s.organize(organizations...)
	revoked, rotated, renewed := s.mint(minting("1")), s.mint(minting("2")), s.mint(minting("3"))
	for _, c := range []struct {
		name   string
		change func(i int) authz.Mutation
		losers error
	}{
		{"verified name", func(i int) authz.Mutation {
			return authz.PutDomain{Domain: authz.Domain{Name: "shop.example", Organization: organizations[i], Verified: true}}
		}, authz.ErrExists},
		{"server key", func(i int) authz.Mutation {
			return authz.PutServerKey{ServerKey: authz.ServerKey{ID: "k", Check: organizations[i]}}
		}, authz.ErrExists},
		{"rotation without overlap", func(i int) authz.Mutation {
			return authz.RotateToken{ID: rotated.ID, Successor: successor("of " + organizations[i])}
		}, authz.ErrInvalid},
		{"revocation", func(i int) authz.Mutation { return authz.RevokeToken{ID: revoked.ID, Reason: organizations[i]} }, nil},
		{"renewal", func(i int) authz.Mutation {
			return authz.RenewVerifier{Holder: ofToken(renewed), Old: renewed.Verifier, New: organizations[i]}
		}, authz.ErrNotFound},
		{"principal", func(int) authz.Mutation { return authz.PutPrincipal{Principal: person(authz.User, "ada")} }, nil},
	} {
		var won atomic.Int64
		atOnce(racers, func(i int) {
			applied, err := s.Apply(s.Context(), act(), c.change(i))
			switch {
			case err == nil && applied.Seq > 0:
				won.Add(1)
			case err == nil && c.losers != nil:
				s.Errorf("%s: got nothing to do, want %v", c.name, c.losers)
			case err != nil:
				s.wantError(c.name, err, c.losers)
			default:
			}
			if err != nil && c.losers == nil {
				s.Errorf("%s: got %v, want nothing to do", c.name, err)
			}
		})
		s.same("times that the change was made: "+c.name, won.Load(), int64(1))
	}
	s.allRows(authz.MostRows)
}

// checkParallelRemovals adds to what is removed at the same time. Whichever comes
// first, nothing of what was removed is left.
func checkParallelRemovals(s *scene) {
	const rounds = 8
	for round := range rounds {
		s.organize("acme")
		ada := s.put(person(authz.User, "ada"))
		owned := minting(fmt.Sprint(round))
		owned.Token.Owner = ada.ID
		all := []authz.Mutation{
			owned,
			authz.PutMember{Membership: authz.Membership{Organization: "acme", Subject: "bob"}},
			authz.PutDomain{Domain: authz.Domain{Name: "shop.example", Organization: "acme", Verified: true}},
			authz.RemovePrincipal{Kind: authz.User, Name: "ada", Reason: "left"},
			authz.RemoveOrganization{ID: "acme", Reason: "closed"},
		}
		atOnce(len(all), func(i int) {
			change := all[(i+round)%len(all)] // who begins first differs from round to round
			if _, err := s.Apply(s.Context(), act(), change); err != nil && !errors.Is(err, authz.ErrNotFound) {
				s.Errorf("%s: %v", authz.ActionOf(change), err)
			}
		})
		for _, t := range s.list(authz.Query{Of: authz.Tokens, Owner: ada.ID}).Tokens {
			if t.Active(s.now()) || t.Revoked.IsZero() {
				s.Errorf("a token of who was removed is active")
			}
		}
		s.noMember("acme", "bob")
		s.noDomain("shop.example")
		s.noPrincipal(authz.User, "ada")
		s.catchUp()
	}
}

// catchUp takes note of rows that were made in parallel.
func (s *scene) catchUp() {
	s.Helper()
	_, entries := s.allRows(authz.MostRows)
	if len(entries) > 0 {
		last := entries[len(entries)-1]
		s.seq, s.hash = last.Seq, last.Hash
	}
}
