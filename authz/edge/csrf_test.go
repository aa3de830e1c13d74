package edge_test

import (
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/edge"
)

const csrf = "k2Jd8sQ0zYvXw3Lm"

// TestCSRF (M33): a request that may change something shows what only a page of the
// service's own can show. Each case of Admit, and of safe, has a row that turns.
func TestCSRF(t *testing.T) {
	const cookie = "__Host-csrf"
	one := func(method string, namesAndValues ...string) *authz.Attributes {
		return request(method, namesAndValues...)
	}
	joined := func(a *authz.Attributes) *authz.Attributes { a.Request.Headers.Joined = true; return a }
	for _, test := range []struct {
		name       string
		attributes *authz.Attributes
		// shown is what the rule without a cookie says, submitted that with one.
		shown, submitted bool
	}{
		{"safe method", one("GET"), true, true},
		{"HEAD", one("HEAD"), true, true},
		{"no token", one("POST"), false, false},
		{"any method but safe ones", one("PURGE"), false, false},
		{"safe method in another case", one("get"), false, false},
		{"no method", one(""), false, false},
		{"WebSocket", one("GET", "upgrade", "websocket"), false, false},
		{"empty token", one("DELETE", "x-csrf-token", "", "cookie", cookie+"="), false, false},
		{"blank token", one("DELETE", "x-csrf-token", " "), false, false},
		{"token", one("POST", "x-csrf-token", csrf), true, false},
		{"token and cookie", one("POST", "x-csrf-token", csrf, "cookie", "a=b; "+cookie+"="+csrf), true, true},
		{"token and cookie, with an upgrade", one("GET", "upgrade", "websocket", "x-csrf-token", csrf, "cookie", cookie+"="+csrf), true, true},
		{"cookie alone", one("POST", "cookie", cookie+"="+csrf), false, false},
		{"another token", one("POST", "x-csrf-token", csrf[1:]+"a", "cookie", cookie+"="+csrf), true, false},
		{"another case", one("POST", "x-csrf-token", strings.ToUpper(csrf), "cookie", cookie+"="+csrf), true, false},
		{"shorter", one("POST", "x-csrf-token", csrf, "cookie", cookie+"="+csrf+"a"), true, false},
		{"short on both sides", one("POST", "x-csrf-token", "a", "cookie", cookie+"=a"), true, false},
		{"another cookie's", one("POST", "x-csrf-token", csrf, "cookie", "csrf="+csrf+"; __host-csrf="+csrf), true, false},
		{"two cookies", one("POST", "x-csrf-token", csrf, "cookie", cookie+"="+csrf+"; "+cookie+"=0"), true, false},
		{"cookie behind a comma", joined(one("POST", "x-csrf-token", csrf, "cookie", cookie+"="+csrf+", "+cookie+"=0")), true, false},
		{"token twice", one("POST", "x-csrf-token", csrf, "x-csrf-token", csrf, "cookie", cookie+"="+csrf), false, false},
		{"token twice, joined", joined(one("POST", "x-csrf-token", csrf+","+csrf, "cookie", cookie+"="+csrf)), false, false},
		{"mangled", joined(one("POST", "x-csrf-token", csrf+"!", "cookie", cookie+"="+csrf+"!")), false, false},
		{"with an underscore", one("POST", "x_csrf_token", csrf, "cookie", cookie+"="+csrf), false, false},
		{"in the query", &authz.Attributes{Request: &authz.Request{Method: "POST", Path: "/?x-csrf-token=" + csrf}}, false, false},
		{"connection", &authz.Attributes{}, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, want := range map[string]bool{"": test.shown, cookie: test.submitted} {
				rule, err := edge.NewCSRF(edge.DefaultCSRFHeader, name)
				if err != nil || rule.Submitted() != (name != "") {
					t.Fatalf("%q: %v, submitted %t", name, err, rule.Submitted())
				}
				compare(t, rule.Admit(test.attributes), want)
			}
		})
	}
}

// TestZeroCSRF admits what changes nothing, whatever is shown.
func TestZeroCSRF(t *testing.T) {
	compare(t, edge.CSRF{}.Admit(request("GET")), true)
	compare(t, edge.CSRF{}.Admit(request("POST")), false)
	compare(t, edge.CSRF{}.Admit(request("POST", "x-csrf-token", csrf)), false)
}

// TestNewCSRFRefuses: a header that somebody sets without being asked proves nothing.
func TestNewCSRFRefuses(t *testing.T) {
	for _, header := range []string{
		"", "X-CSRF-Token", "x csrf", "csrf-token", "accept", "accept-language", "content-language", "content-type", "range", "cookie", "origin", "referer",
		"authorization", "sec-fetch-site", "user-agent", "x-request-id", "x-forwarded-for", "x-real-ip", "x-token", "x-authz-subject",
	} {
		if _, err := edge.NewCSRF(header, ""); err == nil {
			t.Errorf("%q was taken", header)
		}
	}
	for _, header := range []string{"x-csrf-token", "x-xsrf-token", "x-requested-with", "x-acme-csrf"} {
		if _, err := edge.NewCSRF(header, "csrf"); err != nil {
			t.Errorf("%q: %v", header, err)
		}
	}
	for _, cookie := range []string{"a b", "a=b", "a;b", "\"a\"", "a,b", "é"} {
		if _, err := edge.NewCSRF(edge.DefaultCSRFHeader, cookie); err == nil {
			t.Errorf("cookie %q was taken", cookie)
		}
	}
}
