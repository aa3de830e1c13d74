package admin_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// A token whose reference is another's is made anew; where there are too many tokens,
// or the store could not tell, it is not. The guards are taken and the number of tries.
func TestMintAnew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		next  []string
		most  uint32
		is    error
		mints int64
	}{
		{"new", []string{"a", "b"}, 0, nil, 2},
		{"taken", []string{"a", "a", "a", "b"}, 0, nil, 4},
		{"taken for ever", []string{"a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a"}, 0, authz.ErrExists, 9},
		{"too many", []string{"a", "b"}, 1, authz.ErrExists, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.minter.next = c.next
			client := s.serve()
			call(s, client.MintToken, &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot")})
			a, err := client.MintToken(t.Context(), &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot"), Most: c.most})
			if !errors.Is(err, c.is) || (err == nil) != (c.is == nil) || s.minter.made.Load() != c.mints {
				t.Errorf("got %v after %d mints, want %v after %d", err, s.minter.made.Load(), c.is, c.mints)
			}
			if err == nil && a.GetToken().GetRef().GetLookup() != c.next[c.mints-1] {
				t.Errorf("got %v", a.GetToken().GetRef())
			}
		})
	}
}

// Where no secret can be made, nothing is changed. The guards are the two returns.
func TestNothingMade(t *testing.T) {
	t.Parallel()
	for _, is := range []error{authz.ErrInvalid, nil} {
		t.Run(fmt.Sprint(is), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.minter.err, s.hasher.err = errDisk, errDisk
			if is != nil {
				s.minter.err, s.hasher.err = is, is
			}
			c := s.serve()
			_, minting := c.MintToken(t.Context(), &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot")})
			svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
			_, putting := c.PutPrincipal(t.Context(), &adminv1.PutPrincipalRequest{Principal: svc, Password: passwordWord})
			for _, err := range []error{minting, putting} {
				if err == nil || errors.Is(err, authz.ErrInvalid) != (is != nil) {
					t.Errorf("got %v", err)
				}
			}
			s.untouched()
		})
	}
}

// slowly holds up each change of a principal after the store was asked how they are.
type slowly struct {
	authz.PrincipalStore
	asked, goOn chan struct{}
}

func (s slowly) Principal(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
	p, err := s.PrincipalStore.Principal(ctx, kind, name)
	s.asked <- struct{}{}
	<-s.goOn
	return p, err
}

// A call that keeps a password does not undo one that changes it meanwhile. The
// guard is keeping.
func TestKeptPasswordIsTheLastOne(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	slow := slowly{s.store, make(chan struct{}), make(chan struct{})}
	s.settings.Principals = slow
	c := s.serve()
	svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
	call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, Password: passwordWord})
	var both sync.WaitGroup
	put := func(q *adminv1.PutPrincipalRequest) {
		if _, err := c.PutPrincipal(t.Context(), q); err != nil {
			t.Error(err)
		}
	}
	disabled := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1"), Disabled: true}
	both.Go(func() { put(&adminv1.PutPrincipalRequest{Principal: disabled}) })
	<-slow.asked
	changed := make(chan struct{})
	both.Go(func() {
		put(&adminv1.PutPrincipalRequest{Principal: disabled, Password: "another"})
		close(changed)
	})
	// Without the guard the change is made here, and undone afterwards.
	select {
	case <-changed:
	case <-time.After(100 * time.Millisecond):
	}
	close(slow.goOn)
	both.Wait()
	if got, want := s.verifier(), fmt.Sprint(verifierWord, 2, "of", len("another")); got != want {
		t.Errorf("verifier %s, want that of the change: %s", got, want)
	}
}

// One that was removed and made anew meanwhile is not given the old password. The
// guard is the id that keepPassword sets.
func TestKeptPasswordIsNobodyElses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	slow := slowly{s.store, make(chan struct{}), make(chan struct{})}
	s.settings.Principals = slow
	c := s.serve()
	svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
	call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, Password: passwordWord})
	kept := make(chan error, 1)
	go func() {
		_, err := c.PutPrincipal(t.Context(), &adminv1.PutPrincipalRequest{Principal: svc})
		kept <- err
	}()
	<-slow.asked
	call(s, c.RemovePrincipal, &adminv1.RemovePrincipalRequest{Kind: "machine", Name: "svc1"})
	anew := authz.Principal{Kind: authz.Machine, Name: "svc1", Login: authz.LoginPassword, Verifier: "new", Grant: authz.Grant{Subject: "svc1"}}
	if _, err := s.settings.Applier.Apply(t.Context(), cli, authz.PutPrincipal{Principal: anew}); err != nil {
		t.Fatal(err)
	}
	close(slow.goOn)
	if err := <-kept; !errors.Is(err, authz.ErrInvalid) || s.verifier() != "new" {
		t.Errorf("got %v, verifier %s", err, s.verifier())
	}
}

// A token that came into the store although nobody could tell is not made a second
// time. The guard is that only "exists" is tried anew.
func TestMintUnsure(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.settings.Applier = engine(func(ctx context.Context) (authz.Applied, error) {
		token := authz.Token{Ref: authz.TokenRef{Prefix: "mbz_", Lookup: fmt.Sprint(s.minter.made.Load())}, Verifier: verifierWord, Grant: authz.Grant{Subject: "bot"}}
		_, err := s.store.Apply(ctx, cli, authz.MintToken{Token: token})
		return authz.Applied{}, errors.Join(err, errDisk)
	})
	_, err := s.serve().MintToken(t.Context(), &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot")})
	if !errors.Is(err, admin.ErrUnsure) || s.minter.made.Load() != 1 {
		t.Errorf("got %v after %d mints", err, s.minter.made.Load())
	}
}
