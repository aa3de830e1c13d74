package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

func serverKey(t *testing.T, id string) verifier.Key {
	t.Helper()
	text := sha256.Sum256([]byte(id))
	key, err := verifier.NewKey(id, hex.EncodeToString(text[:]))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// open opens the store of a folder with server keys, until the test or end ends it.
func open(t *testing.T, folder string, keys ...string) (*vault, func(), error) {
	t.Helper()
	plan := storePlan{folder: folder, slow: []string{"slow_"}}
	for _, id := range keys {
		plan.keys = append(plan.keys, serverKey(t, id))
	}
	v := &vault{changes: &authz.Changes{}, by: itself()}
	if err := v.open(t.Context(), plan, time.Now, slog.New(slog.DiscardHandler)); err != nil {
		return nil, nil, err
	}
	endRenewals := v.opened.Load().renew(t.Context())
	return v, func() {
		endRenewals()
		if err := v.close(); err != nil {
			t.Error(err)
		}
	}, nil
}

func mustOpen(t *testing.T, folder string, keys ...string) (*vault, func()) {
	t.Helper()
	v, end, err := open(t, folder, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return v, end
}

// add mints a token as its own form, under a verifier that is made of it.
func (v *vault) add(t *testing.T, verifierOf func(authz.Secret) string) (authz.Secret, authz.Token) {
	t.Helper()
	return v.addAs(t, "mbz_", verifierOf)
}

func (v *vault) addAs(t *testing.T, prefix string, verifierOf func(authz.Secret) string) (authz.Secret, authz.Token) {
	t.Helper()
	secret, ref, err := tokenform.Mint(prefix)
	if err != nil {
		t.Fatal(err)
	}
	minted := authz.MintToken{Token: authz.Token{Ref: ref, Verifier: verifierOf(secret), Grant: authz.Grant{Subject: "bot"}}}
	applied, err := v.opened.Load().applier.Apply(t.Context(), itself(), minted)
	if err != nil {
		t.Fatal(err)
	}
	return secret, applied.Token
}

// use proves a token as its authenticator does.
func (v *vault) use(t *testing.T, secret authz.Secret, ref authz.TokenRef) authz.Proof {
	t.Helper()
	token, err := v.Token(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := v.Verify(t.Context(), authz.Attempt{Verifier: token.Verifier, Secret: secret, Holder: authz.Holder{Token: token.ID}})
	if err != nil || !proof.OK {
		t.Fatalf("got %v, %v", proof, err)
	}
	return proof
}

// renewed waits until so many are renewed.
func (v *vault) renewed(t *testing.T, want uint64) {
	t.Helper()
	for range 500 {
		if v.opened.Load().renewer.Stats().Renewed == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("got %+v, want %d renewed", v.opened.Load().renewer.Stats(), want)
}

func (v *vault) under(t *testing.T) map[string]int {
	t.Helper()
	uses, err := keyUses(t.Context(), v.opened.Load().store)
	if err != nil {
		t.Fatal(err)
	}
	return uses
}

// A server key is replaced while tokens go on: the new one comes first, tokens come
// under it when they are used, the old one cannot be left out before, and can be then.
func TestServerKeyIsReplaced(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "store")
	v, end := mustOpen(t, folder, "k0")
	secret, token := v.add(t, v.opened.Load().verifier.Seal)
	unused, other := v.add(t, v.opened.Load().verifier.Seal)
	end()

	_, _, err := open(t, folder, "k1")
	if !errors.Is(err, verifier.ErrMissingKey) || !strings.Contains(err.Error(), `"k0", and 2 tokens are still under it: put it back`) {
		t.Fatalf("without the old key: %v", err)
	}
	v, end = mustOpen(t, folder, "k1", "k0")
	tick := v.changes.Tick()
	if proof := v.use(t, secret, token.Ref); !proof.Outdated {
		t.Error("a token under the old key is not outdated")
	}
	v.renewed(t, 1)
	if v.changes.Since(tick, []authz.Stripe{authz.StripeOf(authz.TopicToken, token.ID), authz.StripeOf(authz.TopicTokenRef, token.Ref.Prefix, token.Ref.Lookup)}) {
		t.Error("a renewal made remembered verdicts old")
	}
	if proof := v.use(t, secret, token.Ref); proof.Outdated {
		t.Error("a token that was used is still outdated")
	}
	if got := v.under(t); got["k0"] != 1 || got["k1"] != 1 {
		t.Errorf("tokens under keys: %v", got)
	}
	if _, err := v.opened.Load().applier.Apply(t.Context(), itself(), authz.RevokeToken{ID: other.ID}); err != nil {
		t.Fatal(err)
	}
	end()

	v, end = mustOpen(t, folder, "k1") // nothing is under k0 that may still be used
	v.use(t, secret, token.Ref)
	if _, err := v.Verify(t.Context(), authz.Attempt{Verifier: other.Verifier, Secret: unused}); !errors.Is(err, verifier.ErrMissingKey) {
		t.Errorf("a text under the key that is gone: %v", err)
	}
	end()
	if _, end, err = open(t, folder, "k1"); err != nil {
		t.Fatalf("again: %v", err)
	}
	end()
}

// An imported digest comes under the first key when it is used (row M07), or under
// PBKDF2 where its prefix promises that (row G03). One of Better Auth's never does: its
// owner goes on reading it.
func TestImportedDigestIsRenewed(t *testing.T) {
	t.Parallel()
	v, end := mustOpen(t, filepath.Join(t.TempDir(), "store"), "k1")
	defer end()
	digested := func(s authz.Secret) string {
		digest := sha256.Sum256([]byte(s.Reveal()))
		return "$sha256$" + hex.EncodeToString(digest[:])
	}
	secret, token := v.add(t, digested)
	promised, slow := v.addAs(t, "slow_", digested)
	kept, stays := v.add(t, func(s authz.Secret) string {
		_, text, err := anyForm().Token("better-auth", authz.TokenRef{}, authz.NewSecret(base64Digest(s)))
		if err != nil {
			t.Fatal(err)
		}
		return text
	})
	v.use(t, kept, stays.Ref)
	v.use(t, secret, token.Ref)
	v.use(t, promised, slow.Ref)
	v.renewed(t, 2)
	for _, c := range []struct {
		ref    authz.TokenRef
		begins string
	}{{token.Ref, "$hmac-sha256$k=k1$"}, {stays.Ref, "$better-auth$"}, {slow.Ref, "$pbkdf2-sha256$"}} {
		if now, err := v.Token(t.Context(), c.ref); err != nil || !strings.HasPrefix(now.Verifier, c.begins) {
			t.Errorf("got %.20s, %v, want %s", now.Verifier, err, c.begins)
		}
	}
	v.use(t, secret, token.Ref)
	v.use(t, promised, slow.Ref)
}

// What administrators are told of a token holds its last use, however short ago
// (row G12). The guard is flush in fresh.
func TestListIsFresh(t *testing.T) {
	t.Parallel()
	v, end := mustOpen(t, filepath.Join(t.TempDir(), "store"), "k1")
	defer end()
	_, token := v.add(t, v.opened.Load().verifier.Seal)
	at := time.Now().UTC().Truncate(time.Microsecond)
	told := fresh{v.opened.Load().store, flushing(func(ctx context.Context) error {
		return v.Used(ctx, map[string]time.Time{token.ID: at})
	}), slog.New(slog.DiscardHandler)}
	for name, read := range map[string]func() (authz.Token, error){
		"list": func() (authz.Token, error) {
			l, err := told.List(t.Context(), authz.Query{Of: authz.Tokens, Most: 1})
			return append(l.Tokens, authz.Token{})[0], err
		},
		"token": func() (authz.Token, error) { return told.Token(t.Context(), token.Ref) },
	} {
		at = at.Add(time.Second)
		if got, err := read(); err != nil || !got.LastUsed.Equal(at) {
			t.Errorf("%s: last used at %v, %v, want %v", name, got.LastUsed, err, at)
		}
	}
	told.noted = flushing(func(context.Context) error { return errors.New("disk full") })
	if got, err := told.Token(t.Context(), token.Ref); err != nil || got.ID != token.ID {
		t.Errorf("where uses cannot be noted: %v, %v", got, err)
	}
}

type flushing func(ctx context.Context) error

func (f flushing) Flush(ctx context.Context) error { return f(ctx) }
