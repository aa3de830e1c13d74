package apikey_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// today is when the tests happen.
var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func now() time.Time { return today }

func keys() []keylist.Key {
	return []keylist.Key{
		{ID: "k1", Digest: keylist.Digest("pk_valid-key"), Caller: authz.Caller{Tenant: "A", Role: "admin", Scopes: []string{"products"}}},
		{ID: "k2", Digest: keylist.Digest("pk_disabled-key"), Disabled: true},
		{ID: "k3", Digest: keylist.Digest("pk_expired-key"), Caller: authz.Caller{Expires: today}},
		{ID: "k4", Digest: keylist.Digest("pk_lasting-key"), Caller: authz.Caller{Subject: "ada", Expires: today.Add(time.Second)}},
	}
}

func newAuthenticator(t testing.TB, settings apikey.Settings) *apikey.Authenticator {
	t.Helper()
	settings.Keys = keys()
	a, err := apikey.New(settings, now)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return a
}

func suite(settings apikey.Settings, present func(*authz.Attributes, string)) authntest.Suite {
	return authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := newAuthenticator(t, settings)
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present:   present,
		Valid:     []string{"pk_valid-key", "pk_lasting-key"},
		Rejected:  []string{"pk_unknown-key", "pk_disabled-key", "pk_expired-key"},
		Malformed: []string{"", "pk_with space", "pk_with,comma", "pk_lätin-key", "pk_" + strings.Repeat("k", 1024)},
	}
}

func TestContract(t *testing.T) {
	t.Run("default header", func(t *testing.T) {
		authntest.Run(t, suite(apikey.Settings{}, authntest.ByHeader("x-api-key", "")))
	})
	t.Run("bearer", func(t *testing.T) {
		authntest.Run(t, suite(apikey.Settings{Header: "Authorization"}, authntest.ByHeader("authorization", "Bearer")))
	})
	t.Run("prefix", func(t *testing.T) {
		authntest.Run(t, suite(apikey.Settings{Header: "X-Partner", Prefix: "pk_"}, authntest.ByHeader("x-partner", "")))
	})
}

// ask gives the caller of a request that holds only these headers.
func ask(t *testing.T, a *apikey.Authenticator, headers ...authz.Header) (authz.Caller, error) {
	t.Helper()
	credential, err := a.Extract(&authz.Attributes{Request: &authz.Request{Headers: authz.Headers{Joined: true, List: headers}}})
	if err != nil {
		return authz.Caller{}, err
	}
	caller, _, err := a.Authenticate(t.Context(), credential)
	return caller, err
}

// carrying lists headers by name and value in turn.
func carrying(namesAndValues ...string) []authz.Header {
	var headers []authz.Header
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		headers = append(headers, authz.Header{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return headers
}

// TestEndings (P08, P33, C08, C09): what each value of the header leads to.
// Guards by row: disabled and expired are cases of Authenticate, the rest of
// credential and Extract; each row turns red without its own.
func TestEndings(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings apikey.Settings
		headers  []authz.Header
		want     error
		cause    string
	}{
		{"valid", apikey.Settings{}, carrying("x-api-key", "pk_valid-key"), nil, ""},
		{"white space around is HTTP's", apikey.Settings{}, carrying("x-api-key", " pk_valid-key\t"), nil, ""},
		{"not yet expired", apikey.Settings{}, carrying("x-api-key", "pk_lasting-key"), nil, ""},
		{"another header's name", apikey.Settings{Header: "X-Partner"}, carrying("x-partner", "pk_valid-key"), nil, ""},
		{"scheme in any case", apikey.Settings{Header: "authorization"}, carrying("authorization", "bEARER pk_valid-key"), nil, ""},
		{"unknown", apikey.Settings{}, carrying("x-api-key", "pk_valid-keyz"), authz.ErrRejected, "unknown key"},
		{"the key without its prefix", apikey.Settings{}, carrying("x-api-key", "valid-key"), authz.ErrRejected, "unknown key"},
		{"disabled", apikey.Settings{}, carrying("x-api-key", "pk_disabled-key"), authz.ErrRejected, "disabled"},
		{"expired this instant", apikey.Settings{}, carrying("x-api-key", "pk_expired-key"), authz.ErrRejected, "expired"},
		{"no header", apikey.Settings{}, nil, authz.ErrAbsent, ""},
		{"another header", apikey.Settings{}, carrying("x-partner", "pk_valid-key"), authz.ErrAbsent, ""},
		{"another scheme", apikey.Settings{Header: "authorization"}, carrying("authorization", "Basic pk_valid-key"), authz.ErrAbsent, ""},
		{"no scheme", apikey.Settings{Header: "authorization"}, carrying("authorization", "pk_valid-key"), authz.ErrAbsent, ""},
		{"another prefix", apikey.Settings{Prefix: "pk_"}, carrying("x-api-key", "sk_valid-key"), authz.ErrAbsent, ""},
		{"empty", apikey.Settings{}, carrying("x-api-key", ""), authz.ErrMalformed, ""},
		{"scheme alone", apikey.Settings{Header: "authorization"}, carrying("authorization", "Bearer"), authz.ErrMalformed, ""},
		{"two spaces after the scheme", apikey.Settings{Header: "authorization"}, carrying("authorization", "Bearer  pk_valid-key"), authz.ErrMalformed, ""},
		{"white space inside", apikey.Settings{}, carrying("x-api-key", "pk_valid -key"), authz.ErrMalformed, ""},
		{"twice", apikey.Settings{}, carrying("x-api-key", "pk_valid-key", "x-api-key", "pk_valid-key"), authz.ErrMalformed, ""},
		{"twice, joined", apikey.Settings{}, carrying("x-api-key", "pk_valid-key,pk_valid-key"), authz.ErrMalformed, ""},
		{"bytes lost", apikey.Settings{}, carrying("x-api-key", "pk_valid!key"), authz.ErrMalformed, ""},
		{"too long", apikey.Settings{}, carrying("x-api-key", strings.Repeat("k", 1025)), authz.ErrMalformed, "longer"},
		{"as long as may be", apikey.Settings{}, carrying("x-api-key", strings.Repeat("k", 1024)), authz.ErrRejected, "unknown key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ask(t, newAuthenticator(t, test.settings), test.headers...)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), test.cause) {
				t.Errorf("got %q, want the cause %q", err, test.cause)
			}
		})
	}
}

func TestCaller(t *testing.T) {
	a := newAuthenticator(t, apikey.Settings{})
	for key, want := range map[string]authz.Caller{
		"pk_valid-key":   {Subject: "k1", TokenID: "k1", Tenant: "A", Role: "admin", Scopes: []string{"products"}},
		"pk_lasting-key": {Subject: "ada", TokenID: "k4", Expires: today.Add(time.Second)},
	} {
		got, err := ask(t, a, authz.Header{Name: "x-api-key", Value: key})
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", key, diff)
		}
	}
}

// TestCallersAreCopies: what New was given may change later on without changing
// a caller. Taking the copies out of Key.settled turns it red.
func TestCallersAreCopies(t *testing.T) {
	given := []keylist.Key{{ID: "k1", Digest: keylist.Digest("pk_valid-key"), Caller: authz.Caller{
		Scopes: []string{"read"},
		Claims: map[string]any{"plan": map[string]any{"name": "free"}, "groups": []any{"a"}},
	}}}
	a, err := apikey.New(apikey.Settings{Keys: given}, now)
	if err != nil {
		t.Fatal(err)
	}
	given[0].Caller.Scopes[0] = "admin"
	given[0].Caller.Claims["plan"].(map[string]any)["name"] = "paid"
	given[0].Caller.Claims["groups"].([]any)[0] = "root"
	got, err := ask(t, a, authz.Header{Name: "x-api-key", Value: "pk_valid-key"})
	if err != nil {
		t.Fatal(err)
	}
	want := authz.Caller{
		Subject: "k1", TokenID: "k1", Scopes: []string{"read"},
		Claims: map[string]any{"plan": map[string]any{"name": "free"}, "groups": []any{"a"}},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("caller (-got +want):\n%s", diff)
	}
}

// TestNearKeysAreUnknown (T-C23): however much of a known key a guess shares,
// the answer is the same to the letter. Answering by prefix turns it red.
func TestNearKeysAreUnknown(t *testing.T) {
	const known = "pk_valid-key"
	a := newAuthenticator(t, apikey.Settings{})
	_, want := ask(t, a, authz.Header{Name: "x-api-key", Value: "completely-other"})
	t.Run("T-C23", func(t *testing.T) {
		for n := 1; n < len(known); n++ {
			_, got := ask(t, a, authz.Header{Name: "x-api-key", Value: known[:n]})
			if got == nil || got.Error() != want.Error() || !errors.Is(got, authz.ErrRejected) {
				t.Errorf("%d bytes shared: got %v, want %v", n, got, want)
			}
		}
	})
}

func TestTraits(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings apikey.Settings
		want     authz.Traits
	}{
		{"default", apikey.Settings{}, authz.Traits{
			Carriers: []authz.Carrier{authz.InHeader("x-api-key")}, Claims: []authz.Claim{{Shape: authz.ShapeOpaque}},
			Reads: authz.Reads{"header:x-api-key"}, Reuse: authz.ReuseAllowed, Challenge: "ApiKey",
		}},
		{"bearer with prefix", apikey.Settings{Header: "Authorization", Prefix: "pk_"}, authz.Traits{
			Carriers: []authz.Carrier{authz.InHeader("authorization")},
			Claims:   []authz.Claim{{Scheme: "bearer", Shape: authz.ShapePrefix, Prefix: "pk_"}},
			Reads:    authz.Reads{"header:authorization"}, Reuse: authz.ReuseAllowed, Challenge: "Bearer",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(newAuthenticator(t, test.settings).Traits(), test.want); diff != "" {
				t.Errorf("traits (-got +want):\n%s", diff)
			}
		})
	}
}

// FuzzExtract: whatever the header holds, Extract gives one of its outcomes, and
// a credential is the header's own text, visible and bounded.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{"", "pk_valid-key", "Bearer pk_valid-key", "bearer", "a,b", "a b", "!", "\x00", "\xff"} {
		f.Add(seed, true, true)
		f.Add(seed, false, false)
	}
	f.Fuzz(func(t *testing.T, value string, joined, inAuthorization bool) {
		settings, name := apikey.Settings{}, "x-api-key"
		if inAuthorization {
			settings.Header, name = "authorization", "authorization"
		}
		credential, err := newAuthenticator(t, settings).Extract(&authz.Attributes{Request: &authz.Request{
			Headers: authz.Headers{Joined: joined, List: []authz.Header{{Name: name, Value: value}}},
		}})
		secret := credential.Value.Reveal()
		switch {
		case err != nil && (secret != "" || !errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrMalformed)):
			t.Errorf("got %q beside %v, want absent or malformed alone", secret, err)
		case err == nil && (secret == "" || len(secret) > 1024 || !strings.HasSuffix(strings.TrimRight(value, " \t"), secret)):
			t.Errorf("got %q out of %q", secret, value)
		case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ',' }):
			t.Errorf("got %q, which no key may be", secret)
		}
	})
}
