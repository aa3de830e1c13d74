package session_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/session"
)

// TestNewSignedRefuses: half of the settings make no authenticator. Each row goes red
// when its check is out.
func TestNewSignedRefuses(t *testing.T) {
	secrets := func(texts ...string) func(*session.Signed) {
		return func(s *session.Signed) {
			s.Secrets = nil
			for _, text := range texts {
				s.Secrets = append(s.Secrets, authz.NewSecret(text))
			}
		}
	}
	cookies := func(names ...string) func(*session.Signed) { return func(s *session.Signed) { s.Cookies = names } }
	for name, change := range map[string]func(*session.Signed){
		"no cookies":           cookies(),
		"a cookie twice":       cookies(plain, plain),
		"a nameless cookie":    cookies(""),
		"no cookie's name":     cookies("a b"),
		"no secrets":           secrets(),
		"an empty secret":      secrets(""),
		"a short secret":       secrets(secret[1:]),
		"a short second one":   secrets(secret, "short"),
		"everybody's secret":   secrets("better-auth-secret-12345678901234567890"),
		"no sessions":          func(s *session.Signed) { s.Sessions = nil },
		"no members":           func(s *session.Signed) { s.Standings = nil },
		"no clock":             func(s *session.Signed) { s.Now = nil },
		"guests of nobody":     func(s *session.Signed) { s.Guests = &session.Guests{Scopes: []string{"storefront"}} },
		"guests without a how": func(s *session.Signed) { s.Guests = &session.Guests{} },
	} {
		if _, err := session.NewSigned(settings(&held{}, change)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := session.NewSigned(settings(&held{})); err != nil {
		t.Error(err)
	}
}

// TestNewAskedRefuses: as TestNewSignedRefuses.
func TestNewAskedRefuses(t *testing.T) {
	status := func(codes ...int) func(*session.Asked) { return func(s *session.Asked) { s.Gone.Statuses = codes } }
	for name, change := range map[string]func(*session.Asked){
		"no cookies":             func(s *session.Asked) { s.Cookies = nil },
		"no asker":               func(s *session.Asked) { s.Asker = nil },
		"no clock":               func(s *session.Asked) { s.Now = nil },
		"no endpoint":            func(s *session.Asked) { s.Endpoint = "" },
		"another method":         func(s *session.Asked) { s.Method = "DELETE" },
		"scopes twice":           func(s *session.Asked) { s.Claims.Scopes = "scope" },
		"a nameless claim":       func(s *session.Asked) { s.Claims.Pass = []string{""} },
		"no age":                 func(s *session.Asked) { s.MaxAge = 0 },
		"a long age":             func(s *session.Asked) { s.MaxAge = time.Minute + 1 },
		"no timeout":             func(s *session.Asked) { s.Timeout = 0 },
		"calls without a bound":  func(s *session.Asked) { s.MostCalls = 257 },
		"fewer calls than none":  func(s *session.Asked) { s.MostCalls = -1 },
		"success is no session":  status(401, 200),
		"so is a fault":          status(503),
		"so is another's answer": status(407),
		"so is a late one":       status(408),
		"so are too many":        status(429),
		"a nameless live member": func(s *session.Asked) { s.Live = map[string]string{"": "x"} },
		"two subjects":           func(s *session.Asked) { s.Subject = "admin" },
		"anybody is the subject": func(s *session.Asked) { s.Subject, s.Claims = "admin", session.Claims{} },
		"a header of no token":   func(s *session.Asked) { s.CSRF.Header = "x-csrf-token" },
		"a token of no header":   func(s *session.Asked) { s.CSRF.Claim = "csrf" },
		"no header's name":       func(s *session.Asked) { s.CSRF = session.CSRF{Header: "X-CSRF Token", Claim: "csrf"} },
		"a nameless member":      func(s *session.Asked) { s.Gone.Members = map[string]string{"": "x"} },
	} {
		if _, err := session.NewAsked(asking(&fake{}, change)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := session.NewAsked(asking(&fake{}, status(302, 401, 403, 404, 410))); err != nil {
		t.Error(err)
	}
}

// TestSettingsAreCopies: what was given may change later on.
func TestSettingsAreCopies(t *testing.T) {
	given := settings(&held{records: records()})
	a, err := session.NewSigned(given)
	if err != nil {
		t.Fatal(err)
	}
	given.Secrets[0], given.Guests.Scopes[0] = authz.NewSecret(strings.Repeat("x", 32)), "admin"
	given.Guests.Owner, given.Cookies[0] = hosts{}, "other"
	caller, _, err := scene{Authenticator: a}.ask(t, request(shop, plain+"="+of("visitor")))
	if err != nil || caller.Tenant != "A" || caller.Scopes[0] != "storefront" {
		t.Errorf("got %+v, %v", caller, err)
	}
}
