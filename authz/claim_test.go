package authz_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// bearing is an authenticator of authorization that knows every value, so that
// the caller's authenticator shows who claimed it.
func bearing(name string, claims ...authz.Claim) *authz.Configured {
	configured := *authntest.NewFake(authntest.FakeSettings{
		Name: name, Carrier: authz.InHeader("authorization"), Claims: claims,
	}).Configured()
	configured.Authenticator = anyone{}
	return &configured
}

// carrying is the same on x-api-key.
func carrying(name string, claims ...authz.Claim) *authz.Configured {
	configured := bearing(name, claims...)
	configured.Carriers = []authz.Carrier{authz.InHeader("x-api-key")}
	return configured
}

func bearer(shape authz.Shape, prefix, typ string) authz.Claim {
	return authz.Claim{Scheme: "bearer", Shape: shape, Prefix: prefix, Type: typ}
}

// token is a JWT's form with this header.
func token(jose string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(jose)) + ".e30.c2ln"
}

// TestClaimsOrder: scheme, longest prefix, two dots with typ, opaque. Guards:
// ofScheme, the sort in NewClaims, chosenType, the rivals test of ShapeOpaque.
func TestClaimsOrder(t *testing.T) {
	all := []*authz.Configured{
		bearing("opaque", bearer(authz.ShapeOpaque, "", "")),
		bearing("jwt", bearer(authz.ShapeJWT, "", "")),
		bearing("agent", bearer(authz.ShapeJWT, "", "agent+jwt")),
		bearing("short", bearer(authz.ShapePrefix, "sk_", "")),
		bearing("long", bearer(authz.ShapePrefix, "sk_live_", "")),
		bearing("basic", authz.Claim{Scheme: "basic", Shape: authz.ShapeOpaque}),
	}
	cases := []struct{ name, value, want string }{
		{"scheme", "Basic YTpi", "basic"},
		{"scheme in any case", "bAsIc YTpi", "basic"},
		{"prefix under another scheme", "Basic sk_live_1", "basic"},
		{"prefix", "Bearer sk_1", "short"},
		{"longest prefix", "Bearer sk_live_1", "long"},
		{"prefix before two dots", "Bearer sk_a.b.c", "short"},
		{"two dots, own typ", "Bearer " + token(`{"typ":"agent+jwt"}`), "agent"},
		{"two dots, typ in capitals", "Bearer " + token(`{"typ":"AGENT+JWT"}`), "agent"},
		{"two dots, another typ", "Bearer " + token(`{"typ":"at+jwt"}`), "jwt"},
		{"two dots, no typ", "Bearer " + token(`{}`), "jwt"},
		{"two dots, no JSON", "Bearer a.b.c", "jwt"},
		{"two dots, typ no string", "Bearer " + token(`{"typ":["agent+jwt"]}`), "jwt"},
		{"two dots, header too long", "Bearer " + token(`{"typ":"agent+jwt","x":"`+strings.Repeat("x", 5000)+`"}`), "jwt"},
		{"one dot", "Bearer a.b", "opaque"},
		{"four dots", "Bearer a.b.c.d.e", "opaque"},
		{"no dot", "Bearer abc", "opaque"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := scene{accept: [][]*authz.Configured{all}}.check(t, header("authorization", c.value))
			if got.Effect != authz.Allow || got.Trail.Caller.Authenticator != c.want {
				t.Errorf("claimed by %q, want %q (cause: %v)", got.Trail.Caller.Authenticator, c.want, got.Trail.Cause)
			}
		})
	}
}

// TestClaimsFallBack: what is missing from a host's claims leaves its values to
// nobody, or to the only one that can have meant them.
func TestClaimsFallBack(t *testing.T) {
	agent := bearing("agent", bearer(authz.ShapeJWT, "", "agent+jwt"))
	app := bearing("app", bearer(authz.ShapeJWT, "", "app+jwt"))
	opaque := bearing("opaque", bearer(authz.ShapeOpaque, "", ""))
	cases := []struct {
		name   string
		claims []*authz.Configured
		value  string
		want   string
	}{
		{"the only JWT claimant takes every typ", []*authz.Configured{agent}, token(`{}`), "agent"},
		{"two JWT claimants and a third typ: nobody", []*authz.Configured{agent, app, opaque}, token(`{}`), ""},
		{"no JWT claimant: opaque", []*authz.Configured{opaque}, token(`{}`), "opaque"},
		{"no opaque claimant: nobody", []*authz.Configured{agent}, "abc", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := scene{accept: [][]*authz.Configured{c.claims}}.check(t, header("authorization", "Bearer "+c.value))
			if got.Trail.Caller.Authenticator != c.want {
				t.Errorf("claimed by %q, want %q", got.Trail.Caller.Authenticator, c.want)
			}
		})
	}
}

// TestClaimsRefused: two claimants of one class on one carrier, and claims that
// would pass for another class. Guards: Claims.add, Claim.validate, Traits.validate.
func TestClaimsRefused(t *testing.T) {
	opaque, jwt := bearer(authz.ShapeOpaque, "", ""), bearer(authz.ShapeJWT, "", "")
	cases := []struct {
		name string
		all  []*authz.Configured
		want string // "" loads
	}{
		{"two opaque", []*authz.Configured{bearing("a", opaque), bearing("b", opaque)}, `"a" and "b" both claim opaque values of scheme bearer on header:authorization`},
		{"two of one typ", []*authz.Configured{bearing("a", jwt), bearing("b", jwt)}, "both claim"},
		{"two of one prefix", []*authz.Configured{bearing("a", bearer(authz.ShapePrefix, "x", "")), bearing("b", bearer(authz.ShapePrefix, "x", ""))}, "both claim"},
		{"one class on two carriers", []*authz.Configured{bearing("a", opaque), carrying("b", opaque)}, ""},
		{"one class under two schemes", []*authz.Configured{bearing("a", opaque), bearing("b", authz.Claim{Scheme: "basic", Shape: authz.ShapeOpaque})}, ""},
		{"opaque and JWT", []*authz.Configured{bearing("a", opaque), bearing("b", jwt)}, ""},
		{"no shape", []*authz.Configured{bearing("a", authz.Claim{Scheme: "bearer"})}, "shape 0 claims nothing"},
		{"unknown shape", []*authz.Configured{bearing("a", bearer(9, "", ""))}, "shape 9 claims nothing"},
		{"empty prefix", []*authz.Configured{bearing("a", bearer(authz.ShapePrefix, "", ""))}, "prefix belongs"},
		{"opaque told apart by a prefix", []*authz.Configured{bearing("a", opaque), bearing("b", bearer(authz.ShapeOpaque, "x", ""))}, "prefix belongs"},
		{"opaque told apart by a type", []*authz.Configured{bearing("a", bearer(authz.ShapeOpaque, "", "x"))}, "type belongs"},
		{"scheme in capitals", []*authz.Configured{bearing("a", authz.Claim{Scheme: "Bearer", Shape: authz.ShapeOpaque})}, "lower case"},
		{"type in capitals", []*authz.Configured{bearing("a", bearer(authz.ShapeJWT, "", "JWT"))}, "lower case"},
		{"carrier without claim", []*authz.Configured{{Name: "a", Traits: authz.Traits{Carriers: []authz.Carrier{authz.InHeader("x")}}}}, "go together"},
		{"claim without carrier", []*authz.Configured{{Name: "a", Traits: authz.Traits{Claims: []authz.Claim{opaque}}}}, "go together"},
		{"unknown carrier", []*authz.Configured{{Name: "a", Traits: authz.Traits{Carriers: []authz.Carrier{{Kind: 9, Name: "x"}}, Claims: []authz.Claim{opaque}}}}, "no header and no cookie"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := authz.NewClaims(nil, c.all)
			if c.want == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
}

// TestMalformedCredential is T-M4: never anonymous, also where the route takes
// unclaimed values for absent ones. Guards: isToken on scheme and on token.
func TestMalformedCredential(t *testing.T) {
	values := map[string]string{
		"empty": "", "scheme only": "Bearer", "scheme only, lower case": "bearer", "scheme and spaces": "Bearer   ",
		"two spaces": "Bearer  x", "inner space": "Bearer a b", "inner tab": "Bearer a\tb",
		"tab for space": "Bearer\tx", "no-break space for space": "Bearer\u00a0x", "no-break space within": "Bearer a\u00a0b",
		"control": "Bearer a\x01b", "NUL": "Bearer a\x00", "DEL": "Bearer a\x7f", "newline": "Bearer a\nb", "not UTF-8": "Bearer a\xff",
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			bearer := onBearer()
			s := scene{accept: [][]*authz.Configured{group(bearer), group(byHost())}, route: authz.Route{Unclaimed: authz.Ignore}}
			denied(authz.Malformed, 401).compare(t, s.check(t, header("authorization", value)))
			s.route.MalformedStatus = 400
			denied(authz.Malformed, 400).compare(t, s.check(t, header("authorization", value)))
			if bearer.Verified() != 0 {
				t.Error("a malformed secret was checked")
			}
		})
	}
}

// TestUnclaimed: present but claimed by nobody is malformed, or absent where
// the route says so. Guard: the Unclaimed case of search.claim.
func TestUnclaimed(t *testing.T) {
	cases := []struct {
		name      string
		unclaimed authz.Treatment
		accept    *authntest.Fake
		headers   []authz.Header
		want      outcome
	}{
		{"unknown scheme", authz.Refuse, onBearer(), []authz.Header{header("authorization", "Negotiate abc")}, denied(authz.Malformed, 401)},
		{"unknown scheme ignored", authz.Ignore, onBearer(), []authz.Header{header("authorization", "Negotiate abc")}, allowed()},
		{"unknown treatment refuses", authz.Treatment(9), onBearer(), []authz.Header{header("authorization", "Negotiate abc")}, denied(authz.Malformed, 401)},
		{"authorization is always known", authz.Refuse, onHeader(), []authz.Header{header("authorization", "Bearer abc")}, denied(authz.Malformed, 401)},
		{"ignored does not hide a bad one", authz.Ignore, onHeader(), []authz.Header{header("authorization", "Bearer abc"), header("x-api-key", "mallory")}, denied(authz.Rejected, 401)},
		{"value of no prefix", authz.Refuse, prefixed(), []authz.Header{header("x-api-key", "abc")}, denied(authz.Malformed, 401)},
		{"value of no prefix ignored", authz.Ignore, prefixed(), []authz.Header{header("x-api-key", "abc")}, allowed()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := scene{accept: [][]*authz.Configured{group(c.accept), group(byHost())}, route: authz.Route{Unclaimed: c.unclaimed}}
			c.want.compare(t, s.check(t, c.headers...))
			if got := c.accept.Verified(); got != 0 && c.want.reason != authz.Rejected {
				t.Errorf("%d secrets checked, want none", got)
			}
		})
	}
}

func prefixed() *authntest.Fake {
	s := settings("key", authz.InHeader("x-api-key"))
	s.Claims = []authz.Claim{{Shape: authz.ShapePrefix, Prefix: "sk_"}}
	return authntest.NewFake(s)
}

// FuzzClaims: whatever stands in authorization, at most one authenticator is
// asked, and a value that holds white space or a byte beyond ASCII in its token
// reaches none.
func FuzzClaims(f *testing.F) {
	for _, value := range []string{"Bearer abc", "Bearer a.b.c", "Basic YTpi", "bearer\tx", "Bearer  x", "", "Bearer sk_1", "Bearer " + token(`{"typ":"agent+jwt"}`)} {
		f.Add(value, false)
		f.Add(value, true)
	}
	f.Fuzz(func(t *testing.T, value string, joined bool) {
		s := scene{accept: [][]*authz.Configured{{
			bearing("opaque", bearer(authz.ShapeOpaque, "", "")), bearing("jwt", bearer(authz.ShapeJWT, "", "")),
			bearing("agent", bearer(authz.ShapeJWT, "", "agent+jwt")), bearing("key", bearer(authz.ShapePrefix, "sk_", "")),
		}}}
		got := s.checkJoined(t, joined, header("authorization", value))
		scheme, rest, _ := strings.Cut(strings.Trim(value, " \t"), " ")
		plain := rest != "" && !strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r >= 0x7f })
		clean := plain && !strings.Contains(rest, ",") && (!joined || !strings.Contains(rest, "!"))
		if want := clean && strings.EqualFold(scheme, "bearer"); (got.Effect == authz.Allow) != want {
			t.Errorf("%q: %v, want allow %v (%v)", value, got.Effect, want, got.Trail.Cause)
		}
		if len(got.Trail.Tried) > 1 {
			t.Errorf("%q: tried %v", value, got.Trail.Tried)
		}
	})
}
