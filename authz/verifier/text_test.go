package verifier_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

func raw(t testing.TB, text string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func bcryptOf(t testing.TB, secret string) string {
	t.Helper()
	text, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const (
	salt = "c2FsdHNhbHRzYWx0c2FsdA"
	hash = "NIyJ28vTKy8y2BS4EW6EzysXNH68GAAYHE4qH7jdU+E"
)

// TestUnreadable: each row is told by the guard of its number, its spelling or its
// bound; nothing of it stands in the error, and it never passes.
func TestUnreadable(t *testing.T) {
	v := made(t, settings(t))
	bcrypt53 := strings.Repeat("a", 53)
	for _, text := range []string{
		known[0].text[1:], "x", "$", "$$", "plain-password", "sha256$00", "$md5$00", "$2b$", " ", "$unknown$x",
		"$sha256$", "$sha256$" + strings.ToUpper(strings.Repeat("ab", 32)), "$sha256$" + strings.Repeat("ab", 31), "$sha256$" + strings.Repeat("ab", 33),
		"$better-auth$" + hash, known[1].text[:30] + "\n" + known[1].text[30:], "$better-auth$", "$better-auth$ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa1", "$better-auth$ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=",
		// PBKDF2: rounds.
		"$pbkdf2-sha256$i=999$" + salt + "$" + hash, "$pbkdf2-sha256$i=5000001$" + salt + "$" + hash,
		"$pbkdf2-sha256$i=99999999999999999999$" + salt + "$" + hash, "$pbkdf2-sha256$i=-1000$" + salt + "$" + hash,
		"$pbkdf2-sha256$i=+1000$" + salt + "$" + hash, "$pbkdf2-sha256$i=01000$" + salt + "$" + hash, "$pbkdf2-sha256$1000$" + salt + "$" + hash,
		// PBKDF2: salt, hash and spelling.
		"$pbkdf2-sha256$i=1000$c2FsdA$" + hash, "$pbkdf2-sha256$i=1000$" + strings.Repeat("c2Fs", 22) + "$" + hash,
		"$pbkdf2-sha256$i=1000$" + salt + "==$" + hash, "$pbkdf2-sha256$i=1000$" + salt + "$" + hash[:42], "$pbkdf2-sha256$i=1000$" + salt + "$",
		"$pbkdf2-sha256$i=1000$" + salt + "$" + hash[:20] + "\n" + hash[20:], "$pbkdf2-sha256$i=1000$" + salt + "$" + hash + "$", "$pbkdf2-sha256$i=1000$" + salt[:21] + "B$" + hash,
		// bcrypt: version, cost, alphabet and length.
		"$2x$05$" + bcrypt53, "$2$05$" + bcrypt53, "$2b$03$" + bcrypt53, "$2b$15$" + bcrypt53, "$2b$31$" + bcrypt53, "$2b$5$a" + bcrypt53, "$2b$+5$" + bcrypt53,
		"$2b$05$" + bcrypt53[:52], "$2b$05$" + bcrypt53 + "a", "$2b$05$" + bcrypt53[:52] + "=", "$2b$05a" + bcrypt53, "$2b$$05" + bcrypt53,
		// argon2id: version, order, bounds.
		"$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + hash, "$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + hash, "$argon2id$m=256,t=2,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$t=2,m=256,p=1$" + salt + "$" + hash, "$argon2id$v=19$m=256,t=2$" + salt + "$" + hash, "$argon2id$v=19$m=256,t=2,p=1,x=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + hash, "$argon2id$v=19$m=256,t=2,p=0$" + salt + "$" + hash, "$argon2id$v=19$m=256,t=17,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=256,t=2,p=5$" + salt + "$" + hash, "$argon2id$v=19$m=131073,t=1,p=1$" + salt + "$" + hash, "$argon2id$v=19$m=131072,t=5,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=31,t=2,p=4$" + salt + "$" + hash, "$argon2id$v=19$m=4294967297,t=2,p=1$" + salt + "$" + hash, "$argon2id$v=19$m=256,t=2,p=257$" + salt + "$" + hash,
		"$argon2id$v=19$m=256,t=2,p=1$c2FsdA$" + hash, "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$c2FsdA", "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.Repeat("c2Fs", 22),
		// hmac-sha256: key and size.
		"$hmac-sha256$" + hash, "$hmac-sha256$k=$" + hash, "$hmac-sha256$k=K1$" + hash, "$hmac-sha256$k=k1$" + hash[:42], "$hmac-sha256$k=k1$" + hash + "=", "$hmac-sha256$k=k1$", "$hmac-sha256$k=k1",
	} {
		proof, err := v.Verify(t.Context(), attempt(text, "a", "secret"))
		if err == nil || proof != (authz.Proof{}) {
			t.Errorf("%q was read", text)
			continue
		}
		holdsNone(t, err.Error(), text[min(len(text), 8):])
		if errors.Is(err, verifier.ErrMissingKey) {
			t.Errorf("%q passes for the text of another key", text)
		}
		if _, err := verifier.Import(verifier.Encoded, text); err == nil {
			t.Errorf("%q was imported", text)
		}
	}
}

// TestImport: what is taken over is what can be verified, and never a text that
// names our key.
func TestImport(t *testing.T) {
	for _, c := range []struct {
		scheme     verifier.Scheme
		kept, want string
	}{
		{verifier.SHA256, known[0].text[len("$sha256$"):], known[0].text},
		{verifier.BetterAuth, known[1].text[len("$better-auth$"):], known[1].text},
		{verifier.Encoded, known[2].text, known[2].text},
		{verifier.Encoded, known[3].text, known[3].text},
		{verifier.Encoded, known[5].text, known[5].text},
		{verifier.Encoded, made(t, settings(t)).Seal(authz.NewSecret("x")), ""},
		{verifier.SHA256, "$sha256$" + known[0].text, ""},
		{verifier.SHA256, "hunter2", ""},
		{verifier.BetterAuth, "hunter2", ""},
		{verifier.Encoded, "hunter2", ""},
		{"", known[0].text, ""},
		{"md5", "hunter2", ""},
	} {
		got, err := verifier.Import(c.scheme, c.kept)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %s: got %q, %v, want %q", c.scheme, c.kept, got, err, c.want)
		}
		if err != nil {
			holdsNone(t, err.Error(), c.kept)
		}
	}
}

// FuzzRead: a text is read or refused, and what is read has a fast or a bounded hash.
func FuzzRead(f *testing.F) {
	for _, c := range known {
		f.Add(c.text)
	}
	f.Add("$hmac-sha256$k=k1$" + hash)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + hash)
	v := made(f, settings(f))
	f.Fuzz(func(t *testing.T, text string) {
		slow, err := v.Read(text)
		if err != nil {
			if slow {
				t.Fatalf("%q is slow beside %v", text, err)
			}
			return
		}
		if !slow && verify(t, v, attempt(text, "a", "no secret of any seed")) {
			t.Fatalf("%q fits", text)
		}
		if len(text) > 300 || strings.ContainsAny(text, " \n\r\t\x00%") {
			t.Fatalf("%q was read", text)
		}
	})
}
