package storetest

import (
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func checkRotateRefused(s *scene) {
	old := s.mint(minting("old"))
	s.mint(minting("taken"))
	s.refuse(authz.RotateToken{ID: old.ID, Successor: successor("taken"), Overlap: time.Hour}, authz.ErrExists)
	s.refuse(authz.RotateToken{ID: old.ID, Successor: successor("old"), Overlap: time.Hour}, authz.ErrExists)
	s.refuse(authz.RotateToken{ID: "nobody", Successor: successor("new")}, authz.ErrNotFound)
	s.same("token whose rotation was refused", s.token(old.Ref), old)
	brief := minting("brief")
	brief.Token.Expires = s.now().Add(time.Minute)
	expired := s.mint(brief)
	s.pass(time.Minute)
	s.refuse(authz.RotateToken{ID: expired.ID, Successor: successor("new"), Overlap: time.Hour}, authz.ErrInvalid)
	s.apply(authz.RevokeToken{ID: old.ID})
	s.refuse(authz.RotateToken{ID: old.ID, Successor: successor("new"), Overlap: time.Hour}, authz.ErrInvalid)
	s.noToken(ref("new"))
}

func checkRevoke(s *scene) {
	byID, byRef, other := s.mint(minting("1")), s.mint(minting("2")), s.mint(minting("3"))
	s.pass(time.Minute)
	for _, c := range []struct {
		token  authz.Token
		change authz.RevokeToken
	}{
		{byID, authz.RevokeToken{ID: byID.ID, Reason: "lost"}},
		{byRef, authz.RevokeToken{Ref: byRef.Ref, Reason: "gone"}},
	} {
		got := s.apply(c.change, touchToken(c.token)...).Token
		want := c.token
		want.Revoked, want.Reason = kept(s.now()), c.change.Reason
		s.same("revoked token", got, want)
		s.same("revoked token by reference", s.token(want.Ref), want)
		if got.Active(s.now()) {
			s.Errorf("a revoked token is active")
		}
		s.pass(time.Minute)
		s.same("token revoked again", s.idle(authz.RevokeToken{ID: want.ID, Reason: "other"}).Token, want)
		s.same("token revoked again by reference", s.idle(authz.RevokeToken{Ref: want.Ref, Reason: "other"}).Token, want)
		s.same("token after it was revoked again", s.token(want.Ref), want)
	}
	s.same("token that was not revoked", s.token(other.Ref), other)
	s.refuse(authz.RevokeToken{ID: "nobody"}, authz.ErrNotFound)
	s.refuse(authz.RevokeToken{Ref: ref("nobody")}, authz.ErrNotFound)
	s.refuse(authz.RevokeToken{Ref: authz.TokenRef{Prefix: "pfy_", Lookup: "3"}}, authz.ErrNotFound)
}

// checkExpiry goes to the last moment that a store can tell from the expiry.
func checkExpiry(s *scene) {
	c := minting("1")
	c.Token.Expires = s.now().Add(time.Hour + 999)
	expires := s.mint(c).Expires
	s.same("expiry", expires, kept(c.Token.Expires))
	s.clock.Store(expires.UnixNano() - 1)
	if !s.token(ref("1")).Active(s.now()) {
		s.Errorf("a token is not active right before it expires")
	}
	s.pass(1)
	if s.token(ref("1")).Active(s.now()) {
		s.Errorf("a token is active when it expires")
	}
	s.same("expiry afterwards", s.token(ref("1")).Expires, expires)
	s.apply(authz.RevokeToken{Ref: ref("1")}, touch(authz.TopicTokenRef, "mbz_", "1")...)
}

func checkUsed(s *scene) {
	first := s.mint(minting("1"))
	s.pass(time.Second) // so that it is the first of a list, whatever ids are like
	second := s.mint(minting("2"))
	at := s.now().Add(time.Minute + 999)
	for _, c := range []struct {
		name string
		last map[string]time.Time
		want time.Time
	}{
		{"nothing", nil, time.Time{}},
		{"first use", map[string]time.Time{first.ID: at}, kept(at)},
		{"earlier use", map[string]time.Time{first.ID: at.Add(-time.Second)}, kept(at)},
		{"no time", map[string]time.Time{first.ID: {}}, kept(at)},
		{"later use beside one of nobody", map[string]time.Time{"nobody": at, "no\x00body": at, "": at, first.ID: at.Add(time.Second)}, kept(at.Add(time.Second))},
	} {
		if err := s.Used(s.Context(), c.last); err != nil {
			s.Errorf("%s: %v", c.name, err)
		}
		want := first
		want.LastUsed = c.want
		s.same(c.name, s.token(first.Ref), want)
		s.same("other token after "+c.name, s.token(second.Ref), second)
	}
	s.quiet("use")
	s.same("last use in a list", s.list(authz.Query{Of: authz.Tokens}).Tokens[0].LastUsed.IsZero(), false)
	rotated := s.apply(authz.RotateToken{ID: first.ID, Successor: successor("3")}).Token
	s.same("successor's last use", rotated.LastUsed, time.Time{})
	s.same("revoked token's last use", s.apply(authz.RevokeToken{ID: first.ID}).Token.LastUsed, kept(at.Add(time.Second)))
}

func checkIDs(s *scene) {
	seen := map[string]string{}
	fresh := func(id, what string) {
		s.Helper()
		if before, ok := seen[id]; ok || id == "" || !authz.Storable(id) {
			s.Errorf("%s has the id %q, as %s", what, id, before)
		}
		seen[id] = what
	}
	for _, round := range []string{"1", "2", "3"} {
		ada := s.put(person(authz.User, "ada"))
		fresh(ada.ID, "ada in round "+round)
		token := s.mintFor(ada.ID, "a"+round)
		fresh(token.ID, "token in round "+round)
		fresh(s.apply(authz.RotateToken{ID: token.ID, Successor: successor("b" + round)}).Token.ID, "successor in round "+round)
		fresh(s.mint(minting("c"+round)).ID, "other token in round "+round)
		s.refuse(minting("c"+round), authz.ErrExists)
		s.apply(authz.RemovePrincipal{Kind: authz.User, Name: "ada"})
	}
}
