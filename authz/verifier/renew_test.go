package verifier_test

import (
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// What is outdated becomes what is made today: of the same secret, not outdated any
// more, and without a second slow hash for whoever comes next.
func TestRenew(t *testing.T) {
	old := settings(t)
	old.Keys = []verifier.Key{key(t, "k0", secondKey)}
	s := settings(t)
	s.Keys = append(s.Keys, old.Keys...)
	s.Rounds = 2000
	for _, c := range []struct{ name, text, secret, begins string }{
		{"an imported digest", known[0].text, known[0].secret, "$hmac-sha256$k=k1$"},
		{"an older key", made(t, old).Seal(authz.NewSecret("mbz_token")), "mbz_token", "$hmac-sha256$k=k1$"},
		{"fewer rounds", password(t, made(t, old), "s3cret"), "s3cret", "$pbkdf2-sha256$i=2000$"},
		{"bcrypt", bcryptOf(t, "s3cret"), "s3cret", "$pbkdf2-sha256$i=2000$"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := made(t, s)
			proof, err := v.Verify(t.Context(), attempt(c.text, "ada", c.secret))
			if err != nil || !proof.Outdated {
				t.Fatalf("got %v, %v, want it outdated", proof, err)
			}
			text, err := v.Renew(t.Context(), attempt(c.text, "ada", c.secret))
			if err != nil || !strings.HasPrefix(text, c.begins) {
				t.Fatalf("got %s, %v", text, err)
			}
			runs := v.Counters().Runs
			proof, err = v.Verify(t.Context(), attempt(text, "ada", c.secret))
			if proof != (authz.Proof{OK: true}) || err != nil || v.Counters().Runs != runs {
				t.Errorf("afterwards: %v, %v, %d runs more", proof, err, v.Counters().Runs-runs)
			}
			if verify(t, v, attempt(text, "ada", c.secret+"x")) {
				t.Error("another secret passed")
			}
		})
	}
}

// Nobody's secret is put in a row that it was not proven by. The guard is proven: for
// a slow text, what Verify remembered.
func TestRenewOnlyWhatWasProven(t *testing.T) {
	v := made(t, settings(t))
	bcrypt := bcryptOf(t, "s3cret")
	if _, err := v.Verify(t.Context(), attempt(bcrypt, "ada", "s3cret")); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]authz.Attempt{
		"a wrong token":              attempt(known[0].text, "ada", "abd"),
		"no secret":                  attempt(known[0].text, "ada", ""),
		"a wrong password":           attempt(bcrypt, "ada", "other"),
		"a password, not proven yet": attempt(bcryptOf(t, "s3cret"), "ada", "s3cret"),
		"another account":            attempt(bcrypt, "bob", "s3cret"),
		"nobody":                     attempt("", "ada", "s3cret"),
		"what cannot be read":        attempt("$md5$00", "ada", "s3cret"),
	} {
		runs := v.Counters().Runs
		if text, err := v.Renew(t.Context(), a); err == nil || text != "" || v.Counters().Runs != runs {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
	}
}

func TestKeyOf(t *testing.T) {
	sealed := made(t, settings(t)).Seal(authz.NewSecret("mbz_token"))
	for text, want := range map[string]string{
		sealed: "k1", known[0].text: "", known[3].text: "", "": "", "$hmac-sha256$k=k1": "", "x$hmac-sha256$k=k1$": "",
	} {
		if got := verifier.KeyOf(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
