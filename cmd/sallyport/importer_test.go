package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// What is taken over is found and proven afterwards: by the token's own form, or by
// its SHA-256 (row M07, and Better Auth's keys).
func TestImportedTokensAreFound(t *testing.T) {
	t.Parallel()
	ours, ref, err := tokenform.Mint("mbz_")
	if err != nil {
		t.Fatal(err)
	}
	theirs := authz.NewSecret("sk-live-0123456789abcdef0123456789abcdef")
	mbz, key := sha256.Sum256([]byte(ours.Reveal())), sha256.Sum256([]byte(theirs.Reveal()))
	v, err := newVerifier([]verifier.Key{serverKey(t, "k1")}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, scheme, kept string
		asked, want        authz.TokenRef
		secret             authz.Secret
	}{
		{"of our form", "sha256", hex.EncodeToString(mbz[:]), ref, ref, ours},
		{"of no form", "sha256", hex.EncodeToString(key[:]), authz.TokenRef{}, tokenform.Whole("", theirs), theirs},
		{"of no form, under a prefix", "sha256", hex.EncodeToString(key[:]), authz.TokenRef{Prefix: "sk_"}, tokenform.Whole("sk_", theirs), theirs},
		{"Better Auth's", "better-auth", base64.RawURLEncoding.EncodeToString(key[:]), authz.TokenRef{}, tokenform.Whole("", theirs), theirs},
		{"slow", "encoded", "$pbkdf2-sha256$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$NIyJ28vTKy8y2BS4EW6EzysXNH68GAAYHE4qH7jdU+E", ref, ref, authz.NewSecret("passwordPASSWORDpassword")},
	} {
		got, text, err := anyForm().Token(c.scheme, c.asked, authz.NewSecret(c.kept))
		if err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
			continue
		}
		if proof, err := v.Verify(t.Context(), authz.Attempt{Verifier: text, Secret: c.secret}); err != nil || !proof.OK {
			t.Errorf("%s: %v, %v", c.name, proof, err)
		}
	}
}

// What would never be found, or never be proven, is not taken over, and nothing of it
// is repeated: a token itself may stand in the wrong place.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("ab", sha256.Size)
	base64url := strings.Repeat("a", 42) + "E"
	pbkdf2 := "$pbkdf2-sha256$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$NIyJ28vTKy8y2BS4EW6EzysXNH68GAAYHE4qH7jdU+E"
	for _, c := range []struct {
		name, scheme, kept string
		ref                authz.TokenRef
		says               string
	}{
		{"no scheme", "", digest, authz.TokenRef{}, "kept:"},
		{"unknown scheme", "md5", digest, authz.TokenRef{}, "kept:"},
		{"half a digest", "sha256", digest[:32], authz.TokenRef{}, "kept:"},
		{"upper case", "sha256", strings.ToUpper(digest), authz.TokenRef{}, "kept:"},
		{"hex for base64url", "better-auth", digest, authz.TokenRef{}, "kept:"},
		{"a server key's", "encoded", "$hmac-sha256$k=k1$" + base64url, authz.TokenRef{Prefix: "mbz_", Lookup: "3f2a9c1b"}, "kept:"},
		{"a whole token", "sha256", "mbz_3f2a9c1b_" + digest, authz.TokenRef{Prefix: "mbz_", Lookup: "3f2a9c1b"}, "kept:"},
		{"mbz_ without its id", "sha256", digest, authz.TokenRef{Prefix: "mbz_"}, "lookup:"},
		{"an id of another form", "sha256", digest, authz.TokenRef{Prefix: "mbz_", Lookup: "3f2a9c1"}, "8 of the characters"},
		{"an id in upper case", "sha256", digest, authz.TokenRef{Prefix: "mbz_", Lookup: "3F2A9C1B"}, "8 of the characters"},
		{"an id of mbz_ for another prefix", "sha256", digest, authz.TokenRef{Prefix: "pfy_", Lookup: "3f2a9c1b"}, "12 of the characters"},
		{"a prefix that is none", "sha256", digest, authz.TokenRef{Prefix: "sk-live-"}, "a prefix is"},
		{"an id without a prefix", "sha256", digest, authz.TokenRef{Lookup: "3f2a9c1b"}, "a prefix is"},
		{"Better Auth's with an id", "better-auth", base64url, authz.TokenRef{Prefix: "mbz_", Lookup: "3f2a9c1b"}, "lookup:"},
		{"a slow hash without an id", "encoded", pbkdf2, authz.TokenRef{}, "lookup:"},
	} {
		ref, text, err := anyForm().Token(c.scheme, c.ref, authz.NewSecret(c.kept))
		if !errors.Is(err, authz.ErrInvalid) || !strings.Contains(err.Error(), c.says) || text != "" || ref != (authz.TokenRef{}) {
			t.Errorf("%s: got %v, %q, %v", c.name, ref, text, err)
		}
		if c.kept != "" && strings.Contains(err.Error(), c.kept) {
			t.Errorf("%s: the error repeats what was kept", c.name)
		}
	}
	for _, kept := range []string{"", "s3cret", "$sha256$" + digest, "$better-auth$" + base64url, "$2b$15$" + strings.Repeat("a", 53)} {
		if text, err := (importer{}).Password(authz.NewSecret(kept)); !errors.Is(err, authz.ErrInvalid) || !strings.Contains(err.Error(), "password_hash:") || text != "" {
			t.Errorf("password %q: got %q, %v", kept, text, err)
		}
	}
	if text, err := (importer{}).Password(authz.NewSecret(pbkdf2)); err != nil || text != pbkdf2 {
		t.Errorf("a good hash: got %q, %v", text, err)
	}
}

// anyForm is the importer where no authenticator is configured.
func anyForm() importer { return importer{func() *storedForms { return &storedForms{} }} }

func base64Digest(s authz.Secret) string {
	digest := sha256.Sum256([]byte(s.Reveal()))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}
