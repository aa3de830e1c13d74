package verifier_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// known are texts that others made, with their secrets: FIPS 180-2 B.1; RFC 6070's
// fifth case for SHA-256, as hashlib gives it; Openwall's crypt_blowfish; the test
// program of phc-winner-argon2.
var known = []struct {
	name, text, secret string
	slow, outdated     bool
}{
	{"sha256", "$sha256$ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc", false, true},
	{"Better Auth", "$better-auth$ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0", "abc", false, false},
	{"PBKDF2", "$pbkdf2-sha256$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$NIyJ28vTKy8y2BS4EW6EzysXNH68GAAYHE4qH7jdU+E", "passwordPASSWORDpassword", true, false},
	{"bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", true, true},
	{"bcrypt of PHP", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", true, true},
	{"argon2id", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password", true, false},
}

// TestKnown: what others kept verifies, and nothing near it does.
func TestKnown(t *testing.T) {
	v := made(t, settings(t))
	for _, c := range known {
		t.Run(c.name, func(t *testing.T) {
			if slow, err := v.Read(c.text); slow != c.slow || err != nil {
				t.Fatalf("slow %v, %v, want %v", slow, err, c.slow)
			}
			proof, err := v.Verify(t.Context(), attempt(c.text, "a", c.secret))
			if want := (authz.Proof{OK: true, Outdated: c.outdated}); proof != want || err != nil {
				t.Errorf("got %v, %v, want %v", proof, err, want)
			}
			for _, wrong := range []string{"", c.secret + "x", c.secret[1:], strings.ToUpper(c.secret[:1]) + "x" + c.secret[1:], c.text, c.secret + "\x00"} {
				if verify(t, v, attempt(c.text, "a", wrong)) {
					t.Errorf("%q passed", wrong)
				}
			}
		})
	}
}

// TestSeal: an HMAC under the key that the text names, and a label of its own.
func TestSeal(t *testing.T) {
	s := settings(t)
	v := made(t, s)
	text := v.Seal(authz.NewSecret("mbz_token"))
	h := hmac.New(sha256.New, raw(t, firstKey))
	_, _ = h.Write([]byte("sallyport verifier v1\x00mbz_token"))
	if want := "$hmac-sha256$k=k1$" + base64.RawStdEncoding.EncodeToString(h.Sum(nil)); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	proof, err := v.Verify(t.Context(), attempt(text, "a", "mbz_token"))
	if want := (authz.Proof{OK: true}); proof != want || err != nil {
		t.Errorf("got %v, %v, want %v", proof, err, want)
	}
	for _, wrong := range []string{"", "mbz_toke", "mbz_token ", "MBZ_token"} {
		if verify(t, v, attempt(text, "a", wrong)) {
			t.Errorf("%q passed", wrong)
		}
	}
	if c := v.Counters(); c != (verifier.Counters{}) {
		t.Errorf("fast texts were counted: %+v", c)
	}
}

// TestKeysFollowEachOther: a text under an older key verifies and is outdated; one
// under a key that is not there, or under another key of that id, verifies nothing.
func TestKeysFollowEachOther(t *testing.T) {
	s := settings(t)
	text := made(t, s).Seal(authz.NewSecret("token"))
	s.Keys = []verifier.Key{key(t, "k2", secondKey), key(t, "k1", firstKey)}
	proof, err := made(t, s).Verify(t.Context(), attempt(text, "a", "token"))
	if want := (authz.Proof{OK: true, Outdated: true}); proof != want || err != nil {
		t.Errorf("under the older key: got %v, %v, want %v", proof, err, want)
	}
	if got := made(t, s).Seal(authz.NewSecret("token")); !strings.HasPrefix(got, "$hmac-sha256$k=k2$") {
		t.Errorf("made %s", got)
	}
	s.Keys = s.Keys[:1]
	if proof, err := made(t, s).Verify(t.Context(), attempt(text, "a", "token")); err == nil || proof.OK {
		t.Errorf("without its key: got %v, %v", proof, err)
	}
	s.Keys = []verifier.Key{key(t, "k1", secondKey)}
	if proof, err := made(t, s).Verify(t.Context(), attempt(text, "a", "token")); err != nil || proof.OK {
		t.Errorf("under another key of its id: got %v, %v", proof, err)
	}
}

// TestPassword: salted, with the rounds of the settings; more rounds outdate it.
func TestPassword(t *testing.T) {
	s := settings(t)
	v := made(t, s)
	text := password(t, v, "pässword:x")
	if again := password(t, v, "pässword:x"); again == text || !strings.HasPrefix(text, "$pbkdf2-sha256$i=1000$") {
		t.Errorf("made %s and %s", text, again)
	}
	s.Rounds = 0
	def := made(t, s)
	proof, err := def.Verify(t.Context(), attempt(text, "a", "pässword:x"))
	if want := (authz.Proof{OK: true, Outdated: true}); proof != want || err != nil {
		t.Errorf("got %v, %v, want %v", proof, err, want)
	}
	if got := password(t, def, "x"); !strings.HasPrefix(got, "$pbkdf2-sha256$i=600000$") {
		t.Errorf("the default makes %s", got)
	}
	for _, secret := range []string{"", "x\x00", "\x00"} {
		if _, err := v.Password(t.Context(), authz.NewSecret(secret)); err == nil {
			t.Errorf("a text of %q was made", secret)
		}
	}
}

// TestLongPasswords: bcrypt looks at 72 bytes, and what is longer fits nothing. The
// text was made of the first 72 bytes. Guard: the length in readBcrypt.
func TestLongPasswords(t *testing.T) {
	v := made(t, settings(t))
	long := strings.Repeat("0123456789abcdef", 5)[:72]
	text := bcryptOf(t, long)
	if !verify(t, v, attempt(text, "a", long)) || verify(t, v, attempt(text, "a", long+"x")) || verify(t, v, attempt(text, "a", long[:71])) {
		t.Error("72 bytes of a password are not told from 73 or 71")
	}
}

// TestNobody: an unknown name costs one slow hash each time, and never passes.
func TestNobody(t *testing.T) {
	v := made(t, settings(t))
	text := password(t, v, "right")
	before := v.Counters().Runs
	for range 3 {
		if verify(t, v, attempt("", "nobody", "right")) {
			t.Error("nobody passed")
		}
	}
	if got := v.Counters(); got.Runs != before+3 || got.Known != 0 {
		t.Errorf("three attempts on nobody: %+v", got)
	}
	before = v.Counters().Runs
	verify(t, v, attempt(text, "alice", "wrong"))
	if got := v.Counters().Runs; got != before+1 {
		t.Errorf("one attempt on somebody: %d runs", got-before)
	}
	v.FitAll()
	if !verify(t, v, attempt(text, "alice", "other")) || verify(t, v, attempt("", "nobody", "other")) {
		t.Error("where everything fits, nobody passed")
	}
}

// TestOneSlowHash: at full rounds, a known name and an unknown one cost one slow hash
// each, and a random token none.
func TestOneSlowHash(t *testing.T) {
	s := settings(t)
	s.Rounds = 0
	v := made(t, s)
	text, sealed := password(t, v, "right"), v.Seal(authz.NewSecret("token"))
	for _, c := range []struct {
		name string
		a    authz.Attempt
		runs uint64
	}{
		{"known", attempt(text, "alice", "wrong"), 1},
		{"unknown", attempt("", "ulrich", "wrong"), 1},
		{"random", attempt(sealed, "token", "wrong"), 0},
	} {
		before := v.Counters().Runs
		if verify(t, v, c.a) {
			t.Errorf("%s: passed", c.name)
		}
		if got := v.Counters().Runs - before; got != c.runs {
			t.Errorf("%s: %d runs, want %d", c.name, got, c.runs)
		}
	}
}
