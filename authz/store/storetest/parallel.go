package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// atOnce runs a step in several goroutines that begin together.
func atOnce(count int, step func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range count {
		all.Go(func() {
			<-begin
			step(i)
		})
	}
	close(begin)
	all.Wait()
}

func checkOneWins(s *scene) {
	const minters = 100
	var won atomic.Int64
	var winner atomic.Value
	atOnce(minters, func(i int) {
		c := minting("1")
		c.Token.Verifier = fmt.Sprintf("%s %d", proof, i)
		applied, err := s.Apply(s.Context(), act(), c)
		if err == nil {
			won.Add(1)
			winner.Store(applied.Token)
			return
		}
		s.wantError("mint of a taken reference", err, authz.ErrExists)
	})
	s.same("mints that won", won.Load(), int64(1))
	s.same("the winner's token", s.token(ref("1")), winner.Load())
	changes, _ := s.allRows(authz.MostRows)
	s.same("rows", len(changes), 1)
}

func checkParallelMost(s *scene) {
	const minters, most = 40, 5
	var won atomic.Int64
	atOnce(minters, func(i int) {
		c := minting(fmt.Sprint(i))
		c.Most = most
		_, err := s.Apply(s.Context(), act(), c)
		if err == nil {
			won.Add(1)
			return
		}
		s.wantError("mint beyond the number", err, authz.ErrExists)
	})
	s.same("mints that won", won.Load(), int64(most))
	s.same("tokens", len(s.list(authz.Query{Of: authz.Tokens}).Tokens), most)
}

// checkParallelChanges lets many change, use, list and look up at once. A token that
// was revoked is never seen otherwise by a lookup that began afterwards.
func checkParallelChanges(s *scene) {
	const workers, rounds = 8, 10
	s.organize("acme")
	var made atomic.Int64
	atOnce(workers, func(i int) {
		for round := range rounds {
			made.Add(int64(s.live(fmt.Sprintf("%d-%d", i, round))))
		}
	})
	changes, entries := s.allRows(7)
	s.same("rows", len(changes), int(made.Load())+1)
	seen := map[uint64]bool{}
	for _, e := range entries {
		seen[e.Seq] = true
	}
	s.same("numbers of entries", len(seen), len(changes))
	s.same("members left", len(s.list(authz.Query{Of: authz.Members}).Members), workers*rounds)
}

// live is what happens to one token and one member; it gives the number of changes.
func (s *scene) live(name string) int {
	ctx := s.Context()
	applied, err := s.Apply(ctx, act(), minting(name))
	if err != nil {
		s.Errorf("mint: %v", err)
		return 0
	}
	id := applied.Token.ID
	_, errRotate := s.Apply(ctx, act(), authz.RotateToken{ID: id, Successor: successor(name + "b"), Overlap: time.Hour})
	errUse := s.Used(ctx, map[string]time.Time{id: s.now()})
	_, errMember := s.Apply(ctx, act(), authz.PutMember{Membership: authz.Membership{Organization: "acme", Subject: name}})
	_, errList := s.List(ctx, authz.Query{Of: authz.Tokens, Most: 10})
	_, errRevoke := s.Apply(ctx, act(), authz.RevokeToken{ID: id})
	t, errLook := s.Token(ctx, ref(name))
	if err := errors.Join(errRotate, errUse, errMember, errList, errRevoke, errLook); err != nil {
		s.Errorf("life of a token: %v", err)
	}
	if t.Revoked.IsZero() || t.Active(s.now()) {
		s.Errorf("a token is active after its revocation: %v", t.Ref)
	}
	return 4
}

// checkRowThenChange follows the feed while tokens are minted.
func checkRowThenChange(s *scene) {
	const minters, rounds = 4, 25
	var done atomic.Bool
	var follower sync.WaitGroup
	follower.Go(func() {
		for after := uint64(0); ; {
			last := done.Load()
			rows, err := s.Feed(s.Context(), after, authz.MostRows)
			if err != nil {
				s.Errorf("feed: %v", err)
				return
			}
			for _, row := range rows {
				if row.Seq != after+1 {
					s.Errorf("row %d came after %d", row.Seq, after)
					return
				}
				s.follow(row)
				after = row.Seq
			}
			if last && len(rows) == 0 {
				s.same("last number", after, uint64(minters*rounds))
				return
			}
		}
	})
	atOnce(minters, func(i int) {
		for round := range rounds {
			if _, err := s.Apply(s.Context(), act(), minting(fmt.Sprintf("%d-%d", i, round))); err != nil {
				s.Errorf("mint: %v", err)
			}
		}
	})
	done.Store(true)
	follower.Wait()
}

// follow wants everything that the row tells of to be there.
func (s *scene) follow(row authz.Change) {
	for _, t := range row.Touched {
		if t.Topic != authz.TopicTokenRef {
			continue
		}
		if _, err := s.Token(s.Context(), authz.TokenRef{Prefix: t.Name[0], Lookup: t.Name[1]}); err != nil {
			s.Errorf("row %d was seen before its token: %v", row.Seq, err)
		}
	}
	entries, err := s.Audit(s.Context(), row.Seq-1, 1)
	if err != nil || len(entries) != 1 || entries[0].Seq != row.Seq {
		s.Errorf("row %d was seen before its entry: %v, %v", row.Seq, entries, err)
	}
}

// checkChangeThenRow looks for tokens while they are minted, and for their rows as
// soon as they are there.
func checkChangeThenRow(s *scene) {
	const rounds = 50
	var done atomic.Bool
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for n := uint64(1); n <= rounds; {
			last := done.Load()
			if _, err := s.Token(s.Context(), ref(fmt.Sprint(n))); err != nil {
				if last {
					s.Errorf("token %d: %v", n, err)
					return
				}
				continue
			}
			rows, err := s.Feed(s.Context(), n-1, 1)
			if err != nil || len(rows) != 1 {
				s.Errorf("token %d was seen before its row: %v, %v", n, rows, err)
			}
			n++
		}
	})
	for n := 1; n <= rounds; n++ {
		if _, err := s.Apply(s.Context(), act(), minting(fmt.Sprint(n))); err != nil {
			s.Errorf("mint: %v", err)
		}
	}
	done.Store(true)
	watcher.Wait()
}
