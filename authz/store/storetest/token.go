package storetest

import (
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func checkMint(s *scene) {
	expires := s.now().Add(time.Hour)
	change := fullToken("0a1b2c3d", expires)
	got := s.mint(change)
	if got.ID == "" {
		s.Errorf("the token has no id")
	}
	want := change.Token
	want.ID, want.Created, want.Expires = got.ID, kept(s.now()), kept(expires)
	s.same("minted token", got, want)
	s.same("token by reference", s.token(want.Ref), want)
	s.same("tokens", s.list(authz.Query{Of: authz.Tokens}).Tokens, []authz.Token{want})
	for _, at := range []time.Time{got.Created, got.Expires, s.token(want.Ref).Created, s.token(want.Ref).Expires} {
		if at.Location() != time.UTC {
			s.Errorf("a time is in %v, want UTC", at.Location())
		}
	}
	bare := minting("4e5f6a7b")
	bare.Token.Ref.Prefix = ""
	second := bare.Token
	second.ID, second.Created = s.mint(bare).ID, kept(s.now())
	s.same("bare token by reference", s.token(second.Ref), second)
	s.same("token beside another one", s.token(want.Ref), want)
	for _, other := range []authz.TokenRef{
		{}, {Prefix: "mbz_"}, {Lookup: "0a1b2c3d"}, ref("0a1b2c3"), ref("0a1b2c3d0"), ref("4e5f6a7b"), {Prefix: "mbz", Lookup: "_0a1b2c3d"},
	} {
		s.noToken(other)
	}
}

func checkReferences(s *scene) {
	first := s.mint(minting("1"))
	again := minting("1")
	again.Token.Verifier, again.Token.Name = proof+" of another", "another"
	s.refuse(again, authz.ErrExists)
	s.same("token whose reference was wanted", s.token(ref("1")), first)
	s.apply(authz.RevokeToken{ID: first.ID})
	s.refuse(again, authz.ErrExists)
	brief := minting("2")
	brief.Token.Expires = s.now().Add(time.Second)
	s.mint(brief)
	s.pass(time.Hour)
	s.refuse(minting("2"), authz.ErrExists)
	owner := s.put(person(authz.User, "ada"))
	s.mintFor(owner.ID, "3")
	s.apply(authz.RemovePrincipal{Kind: authz.User, Name: "ada"})
	s.refuse(minting("3"), authz.ErrExists)
	unknown := minting("4")
	unknown.Token.Owner = owner.ID
	s.refuse(unknown, authz.ErrNotFound)
	s.noToken(ref("4"))
}

// checkMost counts what was neither revoked nor has expired, for one owner, tenant
// and prefix.
func checkMost(s *scene) {
	owner := s.put(person(authz.User, "ada"))
	made := 0
	bounded := func(edit func(*authz.Token)) authz.MintToken {
		made++
		c := minting(fmt.Sprintf("n%d", made))
		c.Token.Owner, c.Token.Tenant, c.Most = owner.ID, "acme", 2
		edit(&c.Token)
		return c
	}
	plain := func(*authz.Token) {}
	first := s.mint(bounded(plain))
	s.mint(bounded(func(t *authz.Token) { t.Expires = s.now().Add(time.Minute) }))
	s.refuse(bounded(plain), authz.ErrExists)
	s.mint(bounded(func(t *authz.Token) { t.Tenant = "other" }))
	s.mint(bounded(func(t *authz.Token) { t.Owner = "" }))
	s.mint(bounded(func(t *authz.Token) { t.Ref.Prefix = "pfy_" }))
	unbounded := bounded(plain)
	unbounded.Most = 0
	third := s.mint(unbounded)
	s.refuse(bounded(plain), authz.ErrExists)
	s.apply(authz.RevokeToken{ID: first.ID})
	s.refuse(bounded(plain), authz.ErrExists)
	s.pass(time.Minute)
	s.mint(bounded(plain))
	s.refuse(bounded(plain), authz.ErrExists)
	disabled := owner
	disabled.Disabled = true
	s.put(disabled)
	s.refuse(bounded(plain), authz.ErrExists)
	s.apply(authz.RevokeToken{ID: third.ID})
	if t := s.mint(bounded(plain)); !t.Disabled {
		s.Errorf("a token that was minted for a disabled owner is not disabled")
	}
}

func checkRotate(s *scene) {
	owner := s.put(person(authz.User, "ada"))
	c := fullToken("old", s.now().Add(100*time.Hour))
	c.Token.Owner = owner.ID
	old := s.mint(c)
	s.pass(time.Minute)
	next := authz.Token{Ref: authz.TokenRef{Prefix: "pfy_", Lookup: "new"}, Verifier: proof + " of new", Expires: s.now().Add(48 * time.Hour)}
	got := s.apply(authz.RotateToken{ID: old.ID, Successor: next, Overlap: time.Hour + 200}, append(touchToken(old), touch(authz.TopicTokenRef, "pfy_", "new")...)...).Token
	want := old
	want.Ref, want.Verifier, want.Expires, want.ID, want.Created = next.Ref, next.Verifier, kept(next.Expires), got.ID, kept(s.now())
	s.same("successor", got, want)
	s.same("successor by reference", s.token(next.Ref), want)
	if got.ID == old.ID {
		s.Errorf("the successor has the old token's id")
	}
	ending := old
	ending.Expires = kept(s.now().Add(time.Hour + 200)) // now and the sum cut alike, whichever is cut first
	s.same("rotated token", s.token(old.Ref), ending)

	sooner := minting("sooner")
	sooner.Token.Expires = s.now().Add(time.Minute)
	short := s.mint(sooner)
	s.apply(authz.RotateToken{ID: short.ID, Successor: successor("s2"), Overlap: time.Hour}, touchToken(short)...)
	s.same("expiry before the overlap's end", s.token(short.Ref).Expires, short.Expires)
	s.same("successor's expiry", s.token(ref("s2")).Expires, time.Time{})

	at := s.mint(minting("at-once"))
	s.apply(authz.RotateToken{ID: at.ID, Successor: successor("s3")}, touchToken(at)...)
	if s.token(at.Ref).Active(s.now()) {
		s.Errorf("a token that was rotated without overlap is active")
	}
	if !s.token(ref("s3")).Active(s.now()) {
		s.Errorf("its successor is not")
	}
}
