package staticbearer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/staticbearer"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// today is when the tests happen.
var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func now() time.Time { return today }

// The tokens of openssl rand -hex 32, as the document has it (C06).
const (
	first = "5f1d7a842b60c39e5f1d7a842b60c39e5f1d7a842b60c39e5f1d7a842b60c39e"
	last  = "e07c9b31d4a8526fe07c9b31d4a8526fe07c9b31d4a8526fe07c9b31d4a8526f"
	off   = "00000000000000000000000000000000ffffffffffffffffffffffffffffffff"
	ended = "11111111111111111111111111111111eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
)

func tokens() []keylist.Key {
	return []keylist.Key{
		{ID: "desk", Digest: keylist.Digest(first), Caller: authz.Caller{Subject: "agent-1", Tenant: "A", Role: "agent", Scopes: []string{"tools"}}},
		{ID: "off", Digest: keylist.Digest(off), Disabled: true},
		{ID: "ended", Digest: keylist.Digest(ended), Caller: authz.Caller{Expires: today}},
		{ID: "nightly", Digest: keylist.Digest(last), Caller: authz.Caller{Expires: today.Add(time.Second)}},
	}
}

func newAuthenticator(t testing.TB) *staticbearer.Authenticator {
	t.Helper()
	a, err := staticbearer.New(tokens(), now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContract(t *testing.T) {
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := newAuthenticator(t)
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present:   authntest.ByHeader("authorization", "Bearer"),
		Valid:     []string{first, last},
		Rejected:  []string{first[:63] + "f", first[:63], first + "0", strings.ToUpper(first), off, ended, "an-unknown-token"},
		Malformed: []string{"", "two words", "a,token", "tökens-beyond", strings.Repeat("t", 1025)},
	})
}

// ask gives who calls with these values of authorization.
func ask(t *testing.T, values ...string) (authz.Caller, authz.Basis, error) {
	t.Helper()
	a := newAuthenticator(t)
	request := &authz.Request{Headers: authz.Headers{Joined: true}}
	for _, value := range values {
		request.Headers.List = append(request.Headers.List, authz.Header{Name: "authorization", Value: value})
	}
	credential, err := a.Extract(&authz.Attributes{Request: request})
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	return a.Authenticate(t.Context(), credential)
}

// TestCaller (C03): each token has its own caller, the first of the list and the last.
// The guard is ConstantTimeSelect: without its last argument only the last is found.
func TestCaller(t *testing.T) {
	for token, want := range map[string]authz.Caller{
		first: {Subject: "agent-1", TokenID: "desk", Tenant: "A", Role: "agent", Scopes: []string{"tools"}},
		last:  {Subject: "nightly", TokenID: "nightly", Expires: today.Add(time.Second)},
	} {
		for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
			got, basis, err := ask(t, scheme+" "+token)
			if err != nil || !basis.Lasting || !basis.Until.Equal(want.Expires) {
				t.Fatal(basis, err)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("%s (-got +want):\n%s", scheme, diff)
			}
		}
	}
}

// TestEndings (C03): what each value of the header leads to. Each row turns red without
// the guard that it names.
func TestEndings(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []string
		want   error
		cause  string
	}{
		{"nothing", nil, authz.ErrAbsent, ""},
		{"another scheme", []string{"Basic " + first}, authz.ErrAbsent, ""},
		{"no scheme", []string{first}, authz.ErrAbsent, ""},
		{"scheme alone", []string{"Bearer"}, authz.ErrMalformed, "visible"},               // keylist.Check: text == ""
		{"two spaces", []string{"Bearer  " + first}, authz.ErrMalformed, "visible"},       // keylist.Visible
		{"two tokens", []string{"Bearer " + first + "," + first}, authz.ErrMalformed, ""}, // Attributes.Carried
		{"twice", []string{"Bearer " + first, "Bearer " + first}, authz.ErrMalformed, ""},
		{"too long", []string{"Bearer " + strings.Repeat("t", 1025)}, authz.ErrMalformed, "longer"}, // keylist.Check
		{"as long as may be", []string{"Bearer " + strings.Repeat("t", 1024)}, authz.ErrRejected, "unknown"},
		{"disabled", []string{"Bearer " + off}, authz.ErrRejected, "disabled"},              // Key.Known
		{"expired this instant", []string{"Bearer " + ended}, authz.ErrRejected, "expired"}, // Key.Known
	} {
		t.Run(test.name, func(t *testing.T) {
			caller, _, err := ask(t, test.values...)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.cause) || caller.Subject != "" {
				t.Errorf("got %q, %v, want %v about %q", caller.Subject, err, test.want, test.cause)
			}
		})
	}
}

// TestNearTokensAreUnknown (C05, T-C23): however much of a token a guess shares, the
// answer is the same to the letter. Comparing less than the whole digest turns it red.
func TestNearTokensAreUnknown(t *testing.T) {
	_, _, want := ask(t, "Bearer completely-other")
	for n := 1; n < len(first); n++ {
		for _, guess := range []string{first[:n], first[:n] + "x" + first[n+1:]} {
			if _, _, got := ask(t, "Bearer "+guess); got == nil || got.Error() != want.Error() || !errors.Is(got, authz.ErrRejected) {
				t.Errorf("%d bytes shared: got %v, want %v", n, got, want)
			}
		}
	}
}

// TestNewRefuses: what would know nobody, or compare without a bound.
func TestNewRefuses(t *testing.T) {
	many := make([]keylist.Key, staticbearer.MostTokens+1)
	for i := range many {
		id := fmt.Sprint("t", i)
		many[i] = keylist.Key{ID: id, Digest: keylist.Digest(id)}
	}
	if _, err := staticbearer.New(many[1:], now); err != nil {
		t.Errorf("%d tokens: %v", len(many)-1, err)
	}
	for name, of := range map[string]func() (*staticbearer.Authenticator, error){
		"no tokens":       func() (*staticbearer.Authenticator, error) { return staticbearer.New(nil, now) },
		"no clock":        func() (*staticbearer.Authenticator, error) { return staticbearer.New(tokens(), nil) },
		"too many tokens": func() (*staticbearer.Authenticator, error) { return staticbearer.New(many, now) },
		"an empty token": func() (*staticbearer.Authenticator, error) {
			return staticbearer.New([]keylist.Key{{ID: "empty", Digest: keylist.Digest("")}}, now)
		},
	} {
		if a, err := of(); err == nil || a != nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// FuzzExtract: whatever the header holds, Extract gives one of its outcomes, and a
// credential is the header's own text, visible and bounded.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{"", "Bearer " + first, "bearer", "Bearer a,b", "Bearer a b", "!", "\x00", "Bearer \xff"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, value string, joined bool) {
		credential, err := newAuthenticator(t).Extract(&authz.Attributes{Request: &authz.Request{
			Headers: authz.Headers{Joined: joined, List: []authz.Header{{Name: "authorization", Value: value}}},
		}})
		secret := credential.Value.Reveal()
		switch {
		case err != nil && (secret != "" || !errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrMalformed)):
			t.Errorf("got %q beside %v, want absent or malformed alone", secret, err)
		case err == nil && (keylist.Check(secret) != nil || !strings.HasSuffix(strings.TrimRight(value, " \t"), " "+secret)):
			t.Errorf("got %q out of %q", secret, value)
		}
	})
}
