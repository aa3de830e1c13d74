package main

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// tokens are what the callers of TestOneKeyOneVerdictOfTokens present, and what
// they are told.
func tokens(t *testing.T, s signer) []string {
	t.Helper()
	ann := map[string]any{"iss": "me", "aud": "api", "sub": "ann", "org": "a", "scope": "read write", "exp": time.Now().Add(time.Hour).Unix(), "level": 1}
	with := func(changes map[string]any) string {
		claims := maps.Clone(ann)
		maps.Copy(claims, changes)
		return s.token(t, claims)
	}
	return []string{
		with(nil), with(nil), with(map[string]any{"sub": "bob"}), with(map[string]any{"org": "b"}), with(map[string]any{"scope": "read"}),
		with(map[string]any{"level": 2}), with(map[string]any{"exp": 1}), with(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}),
		with(map[string]any{"aud": "other"}), newSigner(t, "a").token(t, ann), newSigner(t, "nobody's").token(t, ann), "a.b.c", "not-a-token",
	}
}

// TestOneKeyOneVerdictOfTokens is T-V1 where callers are known by what a token
// says: two tokens that share their key, their length or their subject are two.
func TestOneKeyOneVerdictOfTokens(t *testing.T) {
	s := newSigner(t, "a")
	all := tokens(t, s)
	for i, rule := range append(onekey.Rules(), `input.caller.claims.level > 1`) {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			pair, shelves := tokenPair(t, s, rule)
			r := rand.New(rand.NewPCG(uint64(i), 5))
			for range 300 {
				if err := pair.Ask(t.Context(), presenting(r, all)); err != nil {
					t.Fatal(err)
				}
				shelves.allows.Wait() // a busy machine would leave every write waiting
			}
			if pair.Hits == 0 {
				t.Error("nothing was ever remembered: the test shows nothing")
			}
		})
	}
}

// presenting draws a request; most present a token beside what it drew.
func presenting(r *rand.Rand, all []string) *authz.Attributes {
	a := onekey.Draw(r)
	if r.IntN(8) == 0 {
		return a
	}
	kept := a.Request.Headers.List[:0]
	for _, h := range a.Request.Headers.List {
		if h.Name != "authorization" && (h.Name != "x-api-key" || r.IntN(4) == 0) {
			kept = append(kept, h)
		}
	}
	token := all[0]
	if r.IntN(3) > 0 {
		token = all[r.IntN(len(all))]
	}
	a.Request.Headers.List = append(kept, authz.Header{Name: "authorization", Value: "Bearer " + token})
	return a
}

func tokenPair(t *testing.T, s signer, rule string) (*onekey.Pair, *shelves) {
	t.Helper()
	text := strings.NewReplacer(
		"  - name: shop\n", "  - name: staff\n    jwt: {issuer: me, audiences: [api], jwks_file: 'file:keys.json', claims: {tenant: org, pass: [level]}}\n  - name: shop\n",
		"accept: [[key, bearer]]", "accept: [[key, bearer, staff]]",
		"accept: [key, bearer]", "accept: [bearer, staff]",
		"accept: [[key], [shop]]", "accept: [[key], [staff], [shop]]",
	).Replace(remembered)
	dir := filepath.Dir(write(t, text))
	if err := os.WriteFile(filepath.Join(dir, "keys.json"), s.published(t), 0o600); err != nil {
		t.Fatal(err)
	}
	p := ruledIn(t, dir, rule)
	shelves, err := newShelves(16<<20, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	pair, err := onekey.NewPair(p.snapshot, shelves, &authz.Changes{})
	if err != nil {
		t.Fatal(err)
	}
	return pair, shelves
}
