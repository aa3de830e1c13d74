package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// What proves a token is kept as its prefix was configured. The guard is minter.Mint's
// look at slow: without it no token is kept by PBKDF2.
func TestMint(t *testing.T) {
	key, err := verifier.NewKey("k1", strings.Repeat("0123456789abcdef", 4))
	if err != nil {
		t.Fatal(err)
	}
	made, err := newVerifier([]verifier.Key{key}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	m := minter{made, []string{"pfy_"}}
	for prefix, want := range map[string]string{
		"pfy_": "$pbkdf2-sha256$i=600000$", "mbz_": "$hmac-sha256$k=k1$", "pfyx_": "$hmac-sha256$k=k1$",
	} {
		secret, ref, kept, err := m.Mint(t.Context(), prefix)
		if err != nil || !strings.HasPrefix(kept, want) || ref.Prefix != prefix {
			t.Errorf("%s: got %s, %v; want %s...", prefix, kept, err, want)
			continue
		}
		proof, err := made.Verify(t.Context(), authz.Attempt{Verifier: kept, Secret: secret, Account: "token", Address: "192.0.2.1"})
		if err != nil || !proof.OK {
			t.Errorf("%s: the token is not proven by what is kept: %v", prefix, err)
		}
	}
	if _, _, _, err := m.Mint(t.Context(), "PFY"); !errors.Is(err, authz.ErrInvalid) {
		t.Errorf("got %v for what is no prefix", err)
	}
}

// The guard is compiler.slowPrefixes.
func TestBrokenSlowPrefixes(t *testing.T) {
	t.Setenv("SERVER_KEY", strings.Repeat("0123456789abcdef", 4))
	settings := "store: {path: data, keys: [{id: k1, secret: 'env:SERVER_KEY'}], pbkdf2_prefixes: [pfy_, PFY]}\n"
	checkRefused(t, strings.Replace(sound, "decision_log:", settings+"decision_log:", 1), ":40:89: store.pbkdf2_prefixes[1]: a prefix is 2 to 16 letters")
}
