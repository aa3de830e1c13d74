package authz_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// knowing accepts "alice" in x-api-key as this caller; it also knows the
// carriers authorization and the cookies sess and other.
func knowing(caller authz.Caller) scene {
	s := settings("key", authz.InHeader("x-api-key"))
	s.Callers = map[string]authz.Caller{"alice": caller}
	other := authntest.NewFake(settings("other", authz.InCookie("other")))
	return scene{
		known:  group(onBearer(), onCookie(authz.StopOnInvalid), other),
		accept: [][]*authz.Configured{group(authntest.NewFake(s))},
		route:  authz.Route{UnacceptedHeader: authz.Ignore, UnacceptedCookie: authz.Ignore},
	}
}

func alice() authz.Header { return header("x-api-key", "alice") }

// TestIdentityHeaders: each is set, or removed where there is nothing to tell;
// never both. Guards: changes.add, changes.drop.
func TestIdentityHeaders(t *testing.T) {
	full := authz.Caller{
		Subject: "alice", Tenant: "acme", Role: "admin", Scopes: []string{"a", "b"}, User: "u1", TokenID: "t1",
		Claims: map[string]any{"orgId": "A", "type": "host"},
	}
	cases := []struct {
		name   string
		caller authz.Caller
		set    []authz.Header
		remove []string
	}{
		{"everything", full, []authz.Header{
			header("x-authz-subject", "alice"), header("x-authz-kind", "key-word"), header("x-authz-tenant", "acme"),
			header("x-authz-role", "admin"), header("x-authz-scopes", "a b"), header("x-authz-user", "u1"),
			header("x-authz-token-id", "t1"), header("x-authz-claims", base64.RawURLEncoding.EncodeToString([]byte(`{"orgId":"A","type":"host"}`))),
		}, []string{"authorization", "x-api-key"}},
		{"nothing but the word", authz.Caller{}, []authz.Header{header("x-authz-kind", "key-word")}, []string{
			"x-authz-subject", "x-authz-tenant", "x-authz-role", "x-authz-scopes", "x-authz-user", "x-authz-token-id", "x-authz-claims",
			"authorization", "x-api-key",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := knowing(c.caller).check(t, alice())
			allowed().compare(t, got)
			if diff := cmp.Diff(got.Upstream, c.set); diff != "" {
				t.Errorf("set (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(got.Remove, c.remove, sorted()); diff != "" {
				t.Errorf("removed (-got +want):\n%s", diff)
			}
		})
	}
}

// TestUpstreamClaims: an upstream reads them in its own words (row P26). Guards:
// UpstreamClaims.of, and the parts that NewUpstreamClaims knows.
func TestUpstreamClaims(t *testing.T) {
	parts := map[string]string{"orgId": "tenant", "scopes": "scopes", "type": "kind", "userId": "user"}
	cases := []struct {
		name   string
		caller authz.Caller
		want   string
	}{
		{"with a user", authz.Caller{Subject: "s", Tenant: "A", Scopes: []string{"a", "b"}, User: "u1", Claims: map[string]any{"own": 1}}, `{"orgId":"A","scopes":["a","b"],"type":"key-word","userId":"u1"}`},
		{"without", authz.Caller{Subject: "s", Tenant: "A"}, `{"orgId":"A","scopes":[],"type":"key-word"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := knowing(c.caller)
			var err error
			if s.route.UpstreamClaims, err = authz.NewUpstreamClaims(parts); err != nil {
				t.Fatal(err)
			}
			got, err := base64.RawURLEncoding.DecodeString(arrives(s.check(t, alice()), header("x-authz-claims", "forged")))
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
	for name, part := range map[string]string{"orgId": "organization", "": "tenant"} {
		if _, err := authz.NewUpstreamClaims(map[string]string{name: part}); err == nil {
			t.Errorf("%q: %q is taken", name, part)
		}
	}
}

// TestForgedIdentity: what a client sends as x-authz-* never arrives, whatever
// its name, also where credentials are forwarded. Guard: the loop in
// Snapshot.upstream; for names with "_", decision.refuseUnderscores.
func TestForgedIdentity(t *testing.T) {
	for _, forward := range []bool{false, true} {
		s := knowing(authz.Caller{Subject: "alice"})
		s.route.ForwardCredential = forward
		got := s.check(t, alice(), header("x-authz-subject", "root"), header("x-authz-role", "admin"), header("x-authz-made-up", "1"), header("x-authz-made-up", "2"))
		allowed().compare(t, got)
		for name, want := range map[string]string{"x-authz-subject": "alice", "x-authz-role": "", "x-authz-made-up": ""} {
			if at := arrives(got, header(name, "forged")); at != want {
				t.Errorf("%s arrives as %q, want %q", name, at, want)
			}
		}
	}
	denied(authz.Malformed, 400).compare(t, knowing(authz.Caller{}).check(t, alice(), header("x-authz-\xff", "1")))
}

// arrives applies a verdict as Envoy does: it sets first and removes then.
func arrives(v authz.Verdict, sent authz.Header) string {
	value := sent.Value
	for _, h := range v.Upstream {
		if h.Name == sent.Name {
			value = h.Value
		}
	}
	if slices.Contains(v.Remove, sent.Name) {
		return ""
	}
	return value
}

// TestUnderscores: a name that an upstream may read as a carrier or an identity
// header is 400. Guard: Snapshot.underscored.
func TestUnderscores(t *testing.T) {
	cases := map[string]outcome{
		"x_authz_subject": denied(authz.Malformed, 400), "x-authz_subject": denied(authz.Malformed, 400),
		"x_authz-made-up": denied(authz.Malformed, 400), "x_api_key": denied(authz.Malformed, 400),
		"x-api_key": denied(authz.Malformed, 400), "x_other": allowed(),
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			want.compare(t, knowing(authz.Caller{}).check(t, alice(), header(name, "root")))
		})
	}
	own := authntest.NewFake(settings("key", authz.InHeader("x_api_key")))
	// Beside a carrier that it may be read as, its own name is still its own.
	s := scene{known: group(onHeader()), accept: [][]*authz.Configured{group(own)}}
	allowed().compare(t, s.check(t, header("x_api_key", "alice")))
}

// TestCarriersAreStripped: each, winner or not, unless the route forwards
// them; of the cookies only ours. Guards: Snapshot.strip, withoutCookies.
func TestCarriersAreStripped(t *testing.T) {
	cases := []struct {
		name    string
		forward bool
		headers []authz.Header
		cookie  string // as it arrives
		bearer  string
	}{
		{"winner and losers", false, []authz.Header{header("authorization", "Bearer bob"), header("cookie", "a=1; sess=x; b=2")}, "a=1; b=2", ""},
		{"all our cookies", false, []authz.Header{header("cookie", "sess=x;other=y")}, "", ""},
		{"two lines", false, []authz.Header{header("cookie", "sess=x; a=1"), header("cookie", "other=y; b=2")}, "a=1; b=2", ""},
		{"equal twice", false, []authz.Header{header("cookie", "sess=x; a=1; sess=x")}, "a=1", ""},
		{"name alone", false, []authz.Header{header("cookie", "sess; a=1")}, "a=1", ""},
		{"white space in the name", false, []authz.Header{header("cookie", "a=1;\tsess =x")}, "a=1", ""},
		{"control in the name", false, []authz.Header{header("cookie", "a=1;\vsess\x1f=x")}, "a=1", ""},
		{"forwarded", true, []authz.Header{header("authorization", "Bearer bob"), header("cookie", "a=1; sess=x")}, "a=1; sess=x", "Bearer bob"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := knowing(authz.Caller{})
			s.route.ForwardCredential = c.forward
			got := s.check(t, append(c.headers, alice())...)
			allowed().compare(t, got)
			if c.name != "two lines" && arrives(got, c.headers[len(c.headers)-1]) != c.cookie {
				t.Errorf("cookie arrives as %q, want %q", arrives(got, c.headers[len(c.headers)-1]), c.cookie)
			}
			if c.name == "two lines" && arrives(got, header("cookie", "")) != c.cookie {
				t.Errorf("cookies arrive as %q, want %q", arrives(got, header("cookie", "")), c.cookie)
			}
			if at := arrives(got, header("authorization", "Bearer bob")); at != c.bearer {
				t.Errorf("authorization arrives as %q, want %q", at, c.bearer)
			}
			if at := arrives(got, alice()); (at == "") == c.forward {
				t.Errorf("the winner's carrier arrives as %q", at)
			}
		})
	}
	kept := knowing(authz.Caller{}).check(t, alice(), header("cookie", "a=1; b=2"))
	if at := arrives(kept, header("cookie", "untouched")); at != "untouched" {
		t.Errorf("cookies of others were changed to %q", at)
	}
}

// TestCookiesOfOthersThatCannotBeSent: the rest of Cookie would go out in bytes
// that no CheckResponse may hold. Guard: Sendable in Snapshot.strip.
func TestCookiesOfOthersThatCannotBeSent(t *testing.T) {
	for _, line := range []string{"sess=x; a=\xff", "sess=x; a=\x01"} {
		denied(authz.Malformed, 400).compare(t, knowing(authz.Caller{}).check(t, alice(), header("cookie", line)))
	}
}

// TestCallersThatCannotBeTold: a caller that an upstream would read as another
// one, or that would break the message, is 503. Guards: Sendable, the white
// space of changes.add, encodeScopes, longestClaims.
func TestCallersThatCannotBeTold(t *testing.T) {
	cases := map[string]authz.Caller{
		"CR LF":              {Subject: "a\r\nx-authz-role: admin"},
		"NUL":                {User: "a\x00"},
		"not UTF-8":          {Tenant: "\xff"},
		"leading space":      {Subject: " admin"},
		"trailing tab":       {Role: "admin\t"},
		"only space":         {Subject: " "},
		"scope that is two":  {Scopes: []string{"read admin"}},
		"empty scope":        {Scopes: []string{"read", "", "write"}},
		"claims over 8 KiB":  {Claims: map[string]any{"x": strings.Repeat("x", 8<<10)}},
		"claims not JSON":    {Claims: map[string]any{"x": make(chan int)}},
		"newline in a scope": {Scopes: []string{"a\nb"}},
	}
	for name, caller := range cases {
		t.Run(name, func(t *testing.T) {
			denied(authz.Unavailable, 503).compare(t, knowing(caller).check(t, alice()))
		})
	}
}

// TestClaimsAreJSON: base64url without padding over the JSON of the claims.
func TestClaimsAreJSON(t *testing.T) {
	want := map[string]any{"orgId": "A", "scopes": []any{"storefront"}, "type": "host", "text": "ü<\r\n"}
	got := knowing(authz.Caller{Claims: want}).check(t, alice())
	text, err := base64.RawURLEncoding.DecodeString(arrives(got, header("x-authz-claims", "")))
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(claims, want); diff != "" {
		t.Errorf("claims (-got +want):\n%s", diff)
	}
}

// TestPolicyHeaders: a policy may not say who calls, stand in for a credential,
// or change the framing. Guards: Sendable, sendableByPolicy, Snapshot.policySet.
func TestPolicyHeaders(t *testing.T) {
	refused := []authz.Header{
		header("x-authz-subject", "root"), header("x-authz-made-up", "1"), header("x_authz_subject", "root"), header("x-authz_role", "r"),
		header("authorization", "Bearer root"), header("x-api-key", "root"), header("x_api_key", "root"), header("cookie", "sess=root"),
		header("host", "evil"), header("content-length", "5"), header("transfer-encoding", "chunked"), header("connection", "x"),
		header("te", "trailers"), header("upgrade", "h2c"), header("proxy-authorization", "x"), header("trailer", "x"), header("keep-alive", "1"),
		header(":path", "/admin"), header(":method", "GET"), header(":status", "200"), header("", "x"), header("X-Upper", "x"), header("a b", "x"),
		header("x-ok", "a\r\nb"), header("x-ok", "a\nb"), header("x-ok", "a\x00"), header("x-ok", "\xff"), header("x-ü", "x"), header("x-ok\r\n", "x"),
	}
	for _, forward := range []bool{false, true} {
		for _, h := range refused {
			t.Run(h.Name, func(t *testing.T) {
				s := knowing(authz.Caller{Subject: "alice"})
				s.route.ForwardCredential = forward
				s.policy = answering(authz.Answer{Allow: true, Headers: []authz.Header{h}})
				got := s.check(t, alice())
				denied(authz.Unavailable, 503).compare(t, got)
				if got.Upstream != nil || got.Remove != nil {
					t.Error("a denial says what goes upstream")
				}
			})
		}
	}
	s := knowing(authz.Caller{Subject: "alice"})
	s.policy = answering(authz.Answer{Allow: true, Headers: []authz.Header{header("x-plan", "gold"), header("x-plan", "lead")}})
	denied(authz.Unavailable, 503).compare(t, s.check(t, alice()))
	s.policy = answering(authz.Answer{Allow: true, Headers: []authz.Header{header("x-plan", "gold")}})
	if at := arrives(s.check(t, alice()), header("x-plan", "lead")); at != "gold" {
		t.Errorf("x-plan arrives as %q, want gold", at)
	}
}

// TestPolicyResponseHeaders: the same rules hold towards the client, on allow
// and on denial. Guard: the loop in decision.conclude.
func TestPolicyResponseHeaders(t *testing.T) {
	for _, allow := range []bool{true, false} {
		for _, h := range []authz.Header{header("content-length", "5"), header(":status", "200"), header("x", "a\r\nb"), header("x-authz-subject", "x"), header("x_authz_subject", "x"), header("x", "\xff")} {
			s := knowing(authz.Caller{})
			s.policy = answering(authz.Answer{Allow: allow, ResponseHeaders: []authz.Header{h}})
			denied(authz.Unavailable, 503).compare(t, s.check(t, alice()))
		}
		s := knowing(authz.Caller{})
		s.policy = answering(authz.Answer{Allow: allow, ResponseHeaders: []authz.Header{header("x-limit", "7")}})
		if got := s.check(t, alice()); !slices.Contains(got.Headers, header("x-limit", "7")) {
			t.Errorf("allow %v: headers %v lack x-limit", allow, got.Headers)
		}
	}
}
