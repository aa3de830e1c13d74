package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// checkEnded asks for what is there and for what is not: either is unknown.
func checkEnded(s *scene) {
	s.organize("acme")
	token := s.mint(minting("1"))
	s.put(person(authz.User, "ada"))
	ctx := s.ended()
	for _, name := range []string{"ada", "nobody"} {
		_, err := s.Principal(ctx, authz.User, name)
		s.wantError("principal", err, nil)
		_, err = s.Member(ctx, "acme", name)
		s.wantError("member", err, nil)
		_, err = s.Domain(ctx, name)
		s.wantError("domain", err, nil)
	}
	for _, lookup := range []string{"1", "2"} {
		_, err := s.Token(ctx, ref(lookup))
		s.wantError("token", err, nil)
	}
	_, err := s.List(ctx, authz.Query{Of: authz.Tokens, Most: 1})
	s.wantError("list", err, nil)
	_, err = s.Feed(ctx, 0, 1)
	s.wantError("feed", err, nil)
	_, err = s.Audit(ctx, 0, 1)
	s.wantError("audit", err, nil)
	s.wantError("used", s.Used(ctx, map[string]time.Time{token.ID: s.now()}), nil)
	_, err = s.Apply(ctx, act(), authz.RevokeToken{ID: "nobody"})
	s.wantError("apply to nobody", err, nil)
	s.quiet("apply to nobody")
	for _, change := range []authz.Mutation{minting("2"), authz.RevokeToken{ID: token.ID}, authz.PutPrincipal{Principal: person(authz.User, "bob")}} {
		_, err = s.Apply(ctx, act(), change)
		s.wantError(authz.ActionOf(change), err, nil)
	}
	s.mint(minting("2"))
	s.same("token", s.token(ref("1")), token)
}

// checkEnding mints while contexts end, early and late, and wants each mint to have
// both its token and its row, or neither; and both where it was acknowledged.
func checkEnding(s *scene) {
	const tries = 60
	acknowledged := map[string]bool{}
	for i := range tries {
		lookup := fmt.Sprint(i)
		ctx, cancel := context.WithTimeout(s.Context(), time.Duration(i)*20*time.Microsecond)
		_, err := s.Apply(ctx, act(), minting(lookup))
		cancel()
		acknowledged[lookup] = err == nil
		if err != nil {
			s.wantError("mint", err, nil)
		}
	}
	changes, _ := s.allRows(authz.MostRows)
	inFeed := map[string]bool{}
	for _, c := range changes {
		for _, t := range c.Touched {
			if t.Topic == authz.TopicTokenRef {
				inFeed[t.Name[1]] = true
			}
		}
	}
	tokens := s.list(authz.Query{Of: authz.Tokens}).Tokens
	s.same("rows for tokens", len(changes), len(tokens))
	for _, t := range tokens {
		if !inFeed[t.Ref.Lookup] {
			s.Errorf("token %s has no row", t.Ref.Lookup)
		}
	}
	for lookup, ok := range acknowledged {
		_, err := s.Token(s.Context(), ref(lookup))
		if ok != (err == nil) && (ok || !inFeed[lookup]) {
			s.Errorf("token %s: acknowledged %t, then %v", lookup, ok, err)
		}
	}
}
