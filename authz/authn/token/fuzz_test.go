package token_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
)

// FuzzExtract: whatever the header holds, Extract gives one of its outcomes without
// asking the store, and a credential is the header's own text behind a known prefix.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer", "Bearer mbz_hookhook_secret", "Bearer pfy_personal_cut", "bearer mu_machine1_secret ", "Bearer mu__", "mbz_hookhook_secret",
		"Bearer pfy_a b", "Bearer p,", "Basic pfy_personal_secret", "Bearer pfy_personal_a.b.c", "Bearer\tpfy_personal_secret", "\x00", "Bearer \xff",
	} {
		f.Add(seed, true, true)
		f.Add(seed, false, false)
	}
	f.Fuzz(func(t *testing.T, value string, joined, inAuthorization bool) {
		settings, name := token.Settings{Header: "x-partner"}, "x-partner"
		if inAuthorization {
			settings.Header, name = "", "authorization"
		}
		s := newScene(t, settings)
		attributes := carrying(name, value)
		attributes.Request.Headers.Joined = joined
		credential, err := s.Extract(attributes)
		secret := credential.Value.Reveal()
		_, parseErr := parse(secret)
		switch {
		case s.store.asked.Load() != 0 || s.verifier.proofs.Load() != 0:
			t.Error("Extract asked")
		case err != nil && (secret != "" || !errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrMalformed)):
			t.Errorf("got %q beside %v, want absent or malformed alone", secret, err)
		case err == nil && (parseErr != nil || len(secret) > 1024 || !strings.HasSuffix(strings.TrimRight(value, " \t"), secret)):
			t.Errorf("got %q out of %q: %v", secret, value, parseErr)
		case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ',' }):
			t.Errorf("got %q, which no token may be", secret)
		}
	})
}
