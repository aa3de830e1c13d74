package authz_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// TestBarredIsFinal: the credential is good, so that on_invalid does not speak of it,
// and nobody is asked for another one. Guards: ErrBarred's case in search.verify, and
// its status in decision.deny.
func TestBarredIsFinal(t *testing.T) {
	session := *onCookie(authz.NextOnInvalid).Configured()
	session.Authenticator = odd{session.Authenticator, authz.ErrBarred}
	s := scene{accept: [][]*authz.Configured{{&session}, group(byHost())}, route: authz.Route{Challenge: "Bearer"}}
	got := s.check(t, header("cookie", "sess=alice"))
	denied(authz.Rejected, 403).compare(t, got)
	if slices.ContainsFunc(got.Headers, func(h authz.Header) bool { return h.Name == "www-authenticate" }) {
		t.Errorf("headers %v: a better credential would not help", got.Headers)
	}
	if tried := got.Trail.Tried; len(tried) != 1 || tried[0].Outcome != authz.OutcomeBarred {
		t.Errorf("tried %v", tried)
	}
	if got.Trail.Caller.Subject != "" {
		t.Errorf("caller %q stands beside a refusal", got.Trail.Caller.Subject)
	}
}

// TestDetail: a refusal's word is shown, whatever the seam's error is wrapped in, and
// nothing of an error is that is no such word. Guards: outcome.detail, isWord, the
// reason in decision.refusal.
func TestDetail(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"barred", authz.Detailed(authz.ErrBarred, "agent_pending"), "403 agent_pending"},
		{"rejected", authz.Detailed(fmt.Errorf("%w: seen before", authz.ErrRejected), "jti_replay"), "401 jti_replay"},
		{"wrapped on the way", fmt.Errorf("deeper: %w", authz.Detailed(authz.ErrRejected, "jti_replay")), "401 jti_replay"},
		{"wrapped beside its outcome", fmt.Errorf("%w: %w", authz.ErrRejected, authz.Detailed(errors.New("why"), "jti_replay")), "401 jti_replay"},
		{"the outer one", authz.Detailed(authz.Detailed(authz.ErrBarred, "inner"), "outer"), "403 outer"},
		{"without", authz.ErrBarred, "403 "},
		{"chooses no outcome", authz.Detailed(authz.ErrRejected, "barred"), "401 barred"},
		{"no word: a space", authz.Detailed(authz.ErrBarred, "agent pending"), "403 "},
		{"no word: a quote", authz.Detailed(authz.ErrBarred, `a"`), "403 "},
		{"no word: upper case", authz.Detailed(authz.ErrBarred, "Pending"), "403 "},
		{"no word: a line end", authz.Detailed(authz.ErrBarred, "a\n"), "403 "},
		{"no word: long", authz.Detailed(authz.ErrBarred, strings.Repeat("a", 65)), "403 "},
		{"long enough", authz.Detailed(authz.ErrBarred, strings.Repeat("a", 64)), "403 " + strings.Repeat("a", 64)},
		{"nobody can tell", authz.Detailed(errors.New("broken"), "agent_pending"), "503 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := *onHeader().Configured()
			key.Authenticator = odd{key.Authenticator, c.err}
			s := formatted(t, []authz.DenialRule{{Body: "{{.Status}} {{.Detail}}"}}, authz.Answer{})
			s.accept = [][]*authz.Configured{{&key}}
			if got := s.check(t, header("x-api-key", "alice")); got.Body != c.want {
				t.Errorf("body %q, want %q", got.Body, c.want)
			}
		})
	}
}

// TestDetailIsTried: a body that fails only where there is a word is refused when it
// is configured. Guard: the second DenialRule.try in compile.
func TestDetailIsTried(t *testing.T) {
	_, err := authz.NewDenialFormat([]authz.DenialRule{{Body: `{{if .Detail}}{{index .Detail "x"}}{{end}}`}})
	if err == nil {
		t.Error("it was taken")
	}
}
