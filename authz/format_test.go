package authz_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

func asJSON() []authz.Header { return []authz.Header{header("content-type", "application/json")} }

// commerce is the denial format of a commerce API, byte by byte.
func commerce() []authz.DenialRule {
	return []authz.DenialRule{
		{Statuses: []int{401}, Headers: asJSON(), Body: `{"error":"Unauthorized","code":"UNAUTHORIZED","status":401}`},
		{Reasons: []authz.Reason{authz.OutOfScope}, Headers: asJSON(), Body: `{"error":"Insufficient scope","code":"FORBIDDEN","status":403}`},
		{Reasons: []authz.Reason{authz.WrongTenant}, Status: 404, Body: "{{.Status}}"},
		{Authenticators: []string{"key"}, Body: `{{.Code}} {{.Status}} {{json .Message}} {{.Scopes}}`},
		{Reasons: []authz.Reason{authz.OutOfScope}, Body: "never: an earlier rule fits"},
	}
}

func formatted(t testing.TB, rules []authz.DenialRule, answer authz.Answer) scene {
	t.Helper()
	format, err := authz.NewDenialFormat(rules)
	if err != nil {
		t.Fatal(err)
	}
	return scene{
		accept: [][]*authz.Configured{group(onHeader()), group(byHost())},
		route:  authz.Route{Format: format, Scopes: []string{"a", "b"}},
		policy: answering(answer),
	}
}

// TestDenialBodies: the first rule that fits gives the exact bytes. Guards:
// DenialRule.fits, the order in DenialFormat.reply.
func TestDenialBodies(t *testing.T) {
	byKey, bad := []authz.Header{alice()}, []authz.Header{header("x-api-key", "mallory")}
	cases := []struct {
		name    string
		answer  authz.Answer
		headers []authz.Header
		status  int
		body    string
	}{
		{"by status", authz.Answer{}, bad, 401, `{"error":"Unauthorized","code":"UNAUTHORIZED","status":401}`},
		{"by reason", authz.Answer{Reason: authz.OutOfScope}, byKey, 403, `{"error":"Insufficient scope","code":"FORBIDDEN","status":403}`},
		{"with another status", authz.Answer{Reason: authz.WrongTenant}, byKey, 404, "404"},
		{"by authenticator", authz.Answer{Reason: authz.ByPolicy, Message: `a "b" <c>`}, byKey, 403, `policy 403 "a \"b\" \u003cc\u003e" a b`},
		{"unknown reason is policy", authz.Answer{Reason: "made up"}, byKey, 403, `policy 403 "" a b`},
		{"message that is not UTF-8", authz.Answer{Message: "\xff"}, byKey, 403, `policy 403 "` + "\\ufffd" + `" a b`},
		{"another authenticator: the code alone", authz.Answer{}, nil, 403, `{"code":"policy"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := formatted(t, commerce(), c.answer).check(t, c.headers...)
			if got.Effect != authz.Deny || got.Status != c.status || got.Body != c.body {
				t.Errorf("got %v %d %s, want %d %s", got.Effect, got.Status, got.Body, c.status, c.body)
			}
		})
	}
}

// TestBodyIsUTF8, whatever a policy says. Guard: DenialRule.render.
func TestBodyIsUTF8(t *testing.T) {
	got := formatted(t, []authz.DenialRule{{Body: "{{.Message}}"}}, authz.Answer{Message: "a\xffb"}).check(t, alice())
	if got.Body != "a\ufffdb" {
		t.Errorf("body %q", got.Body)
	}
}

// TestFormatKnowsWhoDecided: only the authenticator that settled the search
// fits a rule, not one that was asked on the way. Guard: search.verify notes what it found, and does not note what sends it on.
func TestFormatKnowsWhoDecided(t *testing.T) {
	rules := []authz.DenialRule{{Authenticators: []string{"session"}, Body: "session"}, {Body: "other"}}
	cases := map[string]struct{ accept [][]*authz.Configured }{
		"session":              {[][]*authz.Configured{group(onCookie(authz.StopOnInvalid))}},
		"other: nobody after":  {[][]*authz.Configured{group(onCookie(authz.NextOnInvalid)), group(onHeader())}},
		"other: another after": {[][]*authz.Configured{group(onCookie(authz.NextOnInvalid)), group(byHost())}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := formatted(t, rules, authz.Answer{})
			s.accept = c.accept
			want, _, _ := strings.Cut(name, ":")
			if got := s.check(t, header("cookie", "sess=mallory")); got.Body != want {
				t.Errorf("body %q, want %q", got.Body, want)
			}
		})
	}
}

// TestDenialWithoutFormat: without a format the body is the code alone, as JSON.
func TestDenialWithoutFormat(t *testing.T) {
	s := scene{accept: [][]*authz.Configured{group(onHeader())}, policy: answering(authz.Answer{Reason: authz.OutOfScope, Message: "m"})}
	got := s.check(t, alice())
	if got.Body != `{"code":"scope"}` || !cmp.Equal(got.Headers, asJSON()) {
		t.Errorf("got %s with %v", got.Body, got.Headers)
	}
	for _, reason := range authz.Reasons() {
		s.policy = answering(authz.Answer{Reason: reason})
		var body struct{ Code authz.Reason }
		if err := json.Unmarshal([]byte(s.check(t, alice()).Body), &body); err != nil || body.Code != reason {
			t.Errorf("%s: code %q, %v", reason, body.Code, err)
		}
	}
}

// TestFormatsRefused: what could go wrong in a denial goes wrong at load.
// Guard: DenialRule.compile.
func TestFormatsRefused(t *testing.T) {
	cases := map[string]authz.DenialRule{
		"no template":      {Body: "{{"},
		"unknown field":    {Body: "{{.Cause}}"},
		"unknown function": {Body: "{{env}}"},
		"execution error":  {Body: `{{index .Code 99}}`},
		"framing header":   {Headers: []authz.Header{header("content-length", "1")}},
		"header value":     {Headers: []authz.Header{header("x", "a\r\nb")}},
		"status 100":       {Status: 100},
		"status 600":       {Status: 600},
		"204 with a body":  {Status: 204, Body: "x"},
		"304 with a body":  {Status: 304, Body: "x"},
	}
	for name, rule := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := authz.NewDenialFormat([]authz.DenialRule{rule}); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := authz.NewDenialFormat([]authz.DenialRule{{Status: 204}}); err != nil {
		t.Errorf("204 without a body: %v", err)
	}
}

// TestPolicyStatus: what a client cannot be sent is 503, with the reason that
// says so. Guards: SendableStatus in denyAnswer and in refusal.
func TestPolicyStatus(t *testing.T) {
	cases := map[int]outcome{
		0: denied(authz.ByPolicy, 403), 200: denied(authz.ByPolicy, 200), 402: denied(authz.ByPolicy, 402), 599: denied(authz.ByPolicy, 599),
		-1: denied(authz.Unavailable, 503), 1: denied(authz.Unavailable, 503), 100: denied(authz.Unavailable, 503), 101: denied(authz.Unavailable, 503),
		199: denied(authz.Unavailable, 503), 600: denied(authz.Unavailable, 503), 204: denied(authz.Unavailable, 503), 304: denied(authz.Unavailable, 503),
	}
	for status, want := range cases {
		s := scene{accept: [][]*authz.Configured{group(onHeader())}, policy: answering(authz.Answer{Reason: authz.ByPolicy, Status: status})}
		want.compare(t, s.check(t, alice()))
	}
	mended := formatted(t, []authz.DenialRule{{Reasons: []authz.Reason{authz.ByPolicy}, Status: 403}}, authz.Answer{Status: 100})
	denied(authz.Unavailable, 503).compare(t, mended.check(t, alice()))
	s := formatted(t, []authz.DenialRule{{Statuses: []int{204}}}, authz.Answer{Status: 204})
	denied(authz.ByPolicy, 204).compare(t, s.check(t, alice()))
}

// TestChallenge: WWW-Authenticate goes with 401 only and Retry-After with 503
// and 429 only: after 401 or 403 a retry never helps. Guard: denialHeaders.
func TestChallenge(t *testing.T) {
	cases := []struct {
		name             string
		answer           authz.Answer
		headers          []authz.Header
		challenge, retry bool
	}{
		{"401", authz.Answer{}, []authz.Header{header("x-api-key", "mallory")}, true, false},
		{"401 by policy", authz.Answer{Reason: authz.Rejected}, []authz.Header{alice()}, true, false},
		{"403", authz.Answer{Reason: authz.OutOfScope}, []authz.Header{alice()}, false, false},
		{"400", authz.Answer{}, []authz.Header{alice(), alice()}, false, false},
		{"503", authz.Answer{}, []authz.Header{header("x-api-key", "down")}, false, true},
		{"429", authz.Answer{Reason: authz.Throttled}, []authz.Header{alice()}, false, true},
		{"unavailable as 403", authz.Answer{Reason: authz.Unavailable, Status: 403}, []authz.Header{alice()}, false, false},
		{"unsendable status", authz.Answer{Status: 600}, []authz.Header{alice()}, false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Challenge: "ApiKey"}, policy: answering(c.answer)}
			got := s.check(t, c.headers...).Headers
			if is := slices.Contains(got, header("www-authenticate", "ApiKey")); is != c.challenge {
				t.Errorf("challenge %v, want %v: %v", is, c.challenge, got)
			}
			if is := slices.Contains(got, header("retry-after", "1")); is != c.retry {
				t.Errorf("retry-after %v, want %v: %v", is, c.retry, got)
			}
		})
	}
}
