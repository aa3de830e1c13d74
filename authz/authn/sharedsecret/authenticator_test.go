package sharedsecret_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/sharedsecret"
)

func settings() sharedsecret.Settings {
	return sharedsecret.Settings{
		Header: "X-Checkout-Secret", Secrets: []string{"the-secret-of-today", "the-one-that-follows"},
		Caller: authz.Caller{Subject: "stripe", Role: "payments", Scopes: []string{"payments"}},
		Query:  "org", Tenants: []string{"A", "B"},
	}
}

func newAuthenticator(t testing.TB, s sharedsecret.Settings) *sharedsecret.Authenticator {
	t.Helper()
	a, err := sharedsecret.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContract(t *testing.T) {
	fixed := settings()
	fixed.Query, fixed.Tenants, fixed.Caller.Tenant = "", nil, "A"
	for name, s := range map[string]sharedsecret.Settings{"tenant of the query": settings(), "fixed tenant": fixed} {
		t.Run(name, func(t *testing.T) {
			authntest.Run(t, authntest.Suite{
				New: func(t testing.TB) authntest.Subject {
					t.Helper()
					a := newAuthenticator(t, s)
					return authntest.Subject{Traits: a.Traits(), Authenticator: a}
				},
				Present: func(a *authz.Attributes, value string) {
					a.Request.Path = "/v1/hooks?org=A"
					authntest.ByHeader("x-checkout-secret", "")(a, value)
				},
				Valid:     []string{"the-secret-of-today", "the-one-that-follows"},
				Rejected:  []string{"the-secret-of-todax", "the-secret-of-toda", "the-secret-of-today1"},
				Malformed: []string{"", "the secret", "the-secrät-of-today", "a,b", strings.Repeat("s", 1025)},
			})
		})
	}
}

// TestTenant (P41): the caller speaks for the tenant that is named once and accepted.
// Guards: len(values) == 1 in tenant, slices.Contains in Authenticate.
func TestTenant(t *testing.T) {
	for _, test := range []struct {
		name, path, want string
		err              error
	}{
		{"named", "/hook?org=A", "A", nil},
		{"another one", "/hook?x=1&org=B", "B", nil},
		{"encoded", "/hook?o%72g=%41", "A", nil},
		{"not accepted", "/hook?org=C", "", nil},
		{"another case", "/hook?org=a", "", nil},
		{"twice", "/hook?org=A&org=B", "", nil},
		{"twice the same", "/hook?org=A&org=A", "", nil},
		{"empty", "/hook?org=", "", nil},
		{"absent", "/hook", "", nil},
		{"in the path", "/hook/org=A", "", nil},
		{"unreadable", "/hook?org=%zz", "", authz.ErrMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAuthenticator(t, settings())
			credential, err := a.Extract(&authz.Attributes{Request: &authz.Request{
				Path: test.path, Headers: authz.Headers{List: []authz.Header{{Name: "x-checkout-secret", Value: "the-secret-of-today"}}},
			}})
			if !errors.Is(err, test.err) {
				t.Fatalf("got %v, want %v", err, test.err)
			}
			if err != nil {
				return
			}
			caller, basis, err := a.Authenticate(t.Context(), credential)
			if err != nil || !basis.Lasting {
				t.Fatal(basis, err)
			}
			want := authz.Caller{Subject: "stripe", Role: "payments", Scopes: []string{"payments"}, Tenant: test.want}
			if diff := cmp.Diff(caller, want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// TestNewRefuses: half of what is needed is not enough.
func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*sharedsecret.Settings){
		"no header":                     func(s *sharedsecret.Settings) { s.Header = "" },
		"a header that routes":          func(s *sharedsecret.Settings) { s.Header = "host" },
		"a header with a scheme":        func(s *sharedsecret.Settings) { s.Header = "Authorization" },
		"no secret":                     func(s *sharedsecret.Settings) { s.Secrets = nil },
		"an empty secret":               func(s *sharedsecret.Settings) { s.Secrets = append(s.Secrets, "") },
		"a secret that no header holds": func(s *sharedsecret.Settings) { s.Secrets = []string{"two words"} },
		"a secret with a comma":         func(s *sharedsecret.Settings) { s.Secrets = []string{"one,two"} },
		"a secret that is too long":     func(s *sharedsecret.Settings) { s.Secrets = []string{strings.Repeat("s", 1025)} },
		"nobody":                        func(s *sharedsecret.Settings) { s.Caller.Subject = "" },
		"two tenants":                   func(s *sharedsecret.Settings) { s.Caller.Tenant = "A" },
		"tenants that nobody names":     func(s *sharedsecret.Settings) { s.Query = "" },
		"any tenant":                    func(s *sharedsecret.Settings) { s.Tenants = nil },
		"an empty tenant":               func(s *sharedsecret.Settings) { s.Tenants = []string{"A", ""} },
		"a parameter for credentials":   func(s *sharedsecret.Settings) { s.Query = "token" },
	} {
		s := settings()
		change(&s)
		if _, err := sharedsecret.New(s); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// FuzzHook: whatever header and query hold, who passes has shown one of the secrets, and
// speaks for one of the tenants, or, where none is named in one way only, for none.
func FuzzHook(f *testing.F) {
	f.Add("the-secret-of-today", "/v1/hooks?org=A", true)
	f.Add("the-one-that-follows", "/v1/hooks?org=B&org=A", false)
	f.Add("the-secret-of-today ", "/v1/hooks?org=%41&x=%zz", false)
	f.Add("a,b", "/v1/hooks?org=A;org=B", true)
	f.Fuzz(func(t *testing.T, value, path string, joined bool) {
		a := newAuthenticator(t, settings())
		credential, err := a.Extract(&authz.Attributes{Request: &authz.Request{
			Path: path, Headers: authz.Headers{Joined: joined, List: []authz.Header{{Name: "x-checkout-secret", Value: value}}},
		}})
		if err != nil {
			return
		}
		caller, _, err := a.Authenticate(t.Context(), credential)
		known := credential.Value.Reveal() == "the-secret-of-today" || credential.Value.Reveal() == "the-one-that-follows"
		if err == nil && (!known || !slices.Contains([]string{"", "A", "B"}, caller.Tenant)) {
			t.Errorf("%q passes at %q as %+v", value, path, caller)
		}
	})
}
