package storetest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func checkPages(s *scene) {
	s.quiet("nothing")
	const made = 25
	for i := range made {
		s.mint(minting(fmt.Sprint(i)))
		s.pass(time.Second)
	}
	changes, entries := s.allRows(authz.MostRows)
	s.same("rows", len(changes), made)
	for _, most := range []int{1, 5, 7, made, made + 1} {
		pagedChanges, pagedEntries := s.allRows(most)
		s.same(fmt.Sprintf("feed in pages of %d", most), pagedChanges, changes)
		s.same(fmt.Sprintf("audit in pages of %d", most), pagedEntries, entries)
	}
	for _, after := range []uint64{made, made + 1, math.MaxInt64, math.MaxUint64} {
		changes, err := s.Feed(s.Context(), after, 10)
		if err != nil || len(changes) != 0 {
			s.Errorf("feed after %d: got %v, %v", after, changes, err)
		}
		entries, err := s.Audit(s.Context(), after, 10)
		if err != nil || len(entries) != 0 {
			s.Errorf("audit after %d: got %v, %v", after, entries, err)
		}
	}
	for _, most := range []int{0, -1, authz.MostRows + 1} {
		_, err := s.Feed(s.Context(), 0, most)
		s.wantError(fmt.Sprintf("feed of %d rows", most), err, authz.ErrInvalid)
		_, err = s.Audit(s.Context(), 0, most)
		s.wantError(fmt.Sprintf("audit of %d rows", most), err, authz.ErrInvalid)
	}
}

// allRows reads both to their ends, and wants numbers without gaps and a chain
// without breaks.
func (s *scene) allRows(most int) ([]authz.Change, []authz.AuditEntry) {
	s.Helper()
	changes, entries := pages(s, most, s.Feed), pages(s, most, s.Audit)
	s.checkRows(changes, entries)
	return changes, entries
}

// unending is more rows than any clause makes.
const unending = 10_000

func pages[T any](s *scene, most int, read func(ctx context.Context, after uint64, most int) ([]T, error)) []T {
	s.Helper()
	var all []T
	for {
		page, err := read(s.Context(), uint64(len(all)), most)
		if err != nil || len(page) > most || len(all) > unending {
			s.Fatalf("rows after %d, at most %d: got %d, %v", len(all), most, len(page), err)
		}
		all = append(all, page...)
		if len(page) < most {
			return all
		}
	}
}

func (s *scene) checkRows(changes []authz.Change, entries []authz.AuditEntry) {
	s.Helper()
	if len(changes) != len(entries) {
		s.Errorf("%d rows of the feed and %d entries of the audit", len(changes), len(entries))
		return
	}
	for i := range changes {
		if changes[i].Seq != uint64(i)+1 || entries[i].Seq != uint64(i)+1 {
			s.Errorf("row %d has the number %d in the feed and %d in the audit", i+1, changes[i].Seq, entries[i].Seq)
		}
	}
	if err := authz.CheckAudit("", entries); err != nil {
		s.Errorf("audit: %v", err)
	}
}

// checkProofs makes every kind of change that brings a verifier.
func checkProofs(s *scene) {
	ada := s.put(withPassword(authz.User, "ada"))
	token := s.mintFor(ada.ID, "1")
	s.apply(authz.RotateToken{ID: token.ID, Successor: successor("2")})
	s.apply(authz.RevokeToken{ID: token.ID})
	ada.Verifier = proof + " changed"
	s.put(ada)
	s.apply(authz.RemovePrincipal{Kind: authz.User, Name: "ada"})
	changes, entries := s.allRows(authz.MostRows)
	if shown := fmt.Sprintf("%+v %+v", changes, entries); strings.Contains(shown, proof) {
		s.Errorf("a verifier shows: %s", shown)
	}
	_, err := s.Apply(s.Context(), act(), minting("1"))
	if err == nil || strings.Contains(err.Error(), proof) {
		s.Errorf("a refused mint: got %v, want an error without the verifier", err)
	}
}
