package jwt_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// TestMapping: a claim is found by its whole name first, since URLs are names
// too, and else within objects at the dots. Only what is named is passed on.
func TestMapping(t *testing.T) {
	s := newSigner(t)
	conf := settings(jwt.NewStatic("file", s.published(t)))
	conf.Claims = claimset.Names{
		Subject: "act.sub", Tenant: "https://acme.example.com/tenant", Role: "a.b.c", User: "a.b.d", Scopes: "realm.roles", TokenID: "uti",
		Pass: []string{"a.b", "null", "act.none", "role"},
	}
	claims := good()
	maps.Copy(claims, object{
		"act": object{"sub": "bob"}, "https://acme.example.com/tenant": "acme", "https://acme": object{"example": object{"com/tenant": "evil"}},
		"a": object{"b": object{"c": "deep"}}, "a.b.c": "whole", "realm": object{"roles": []string{"x", "y"}}, "uti": "u-1", "role": 7,
	})
	text := strings.Replace(string(asJSON(t, claims)), "{", `{"null":null,`, 1)
	caller, _, err := ask(t.Context(), authenticator(t, conf), s.sign(t, []byte(`{"alg":"ES256","kid":"ec-1"}`), []byte(text), "ES256"))
	if err != nil {
		t.Fatal(err)
	}
	want := authz.Caller{
		Subject: "bob", Tenant: "acme", Role: "whole", Scopes: []string{"x", "y"}, TokenID: "u-1", Expires: noon().Add(time.Hour + time.Minute),
		Claims: map[string]any{"a.b": object{"c": "deep"}, "null": nil, "role": json.Number("7")},
	}
	if diff := cmp.Diff(caller, want); diff != "" {
		t.Errorf("caller (-got +want):\n%s", diff)
	}
}

func TestScopes(t *testing.T) {
	s := newSigner(t)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	for _, row := range []struct {
		claim any
		want  []string
	}{
		{nil, nil},
		{"", []string{}},
		{"  a  b ", []string{"a", "b"}},
		{[]string{}, []string{}},
		{[]string{"a", "!~"}, []string{"a", "!~"}},
	} {
		caller, _, err := ask(t.Context(), a, s.token(t, es256(), with(good(), "scope", row.claim)))
		if diff := cmp.Diff(caller.Scopes, row.want); err != nil || diff != "" {
			t.Errorf("%v: %v (-got +want):\n%s", row.claim, err, diff)
		}
	}
}

// TestLimits are the last values that are still good.
func TestLimits(t *testing.T) {
	s := newSigner(t)
	conf := settings(jwt.NewStatic("file", s.published(t)))
	for name, value := range map[string]any{
		"exp": 253402300799, "nbf": 0, "sub": strings.Repeat("a", 1024), "aud": []string{"https://other.example.com", audience}, "jti": "",
	} {
		if _, _, err := ask(t.Context(), authenticator(t, conf), s.token(t, es256(), with(good(), name, value))); err != nil {
			t.Errorf("%s %v: %v", name, value, err)
		}
	}
	token := s.ann(t)
	for more, want := range map[int]bool{0: true, -1: false} {
		conf.MaxBytes = len(token) + more
		if _, _, err := ask(t.Context(), authenticator(t, conf), token); (err == nil) != want {
			t.Errorf("%d bytes of %d: got %v", len(token), conf.MaxBytes, err)
		}
	}
	conf.MaxBytes = 0
	for bytes, want := range map[int]bool{jwt.DefaultBytes: true, jwt.DefaultBytes + 1: false} {
		token := s.ofLength(t, bytes)
		if _, _, err := ask(t.Context(), authenticator(t, conf), token); (err == nil) != want {
			t.Errorf("%d bytes: got %v", len(token), err)
		}
	}
}

// ofLength is a token of that many bytes: a segment cannot have any length, but
// two can together.
func (s *signer) ofLength(t testing.TB, bytes int) string {
	t.Helper()
	pad := (bytes - len(s.ann(t))) * 3 / 4
	for head := range 3 {
		for less := range 32 {
			claims := with(good(), "x", strings.Repeat("x", pad-less))
			if token := s.token(t, with(es256(), "x", strings.Repeat("x", head)), claims); len(token) == bytes {
				return token
			}
		}
	}
	t.Fatalf("no token of %d bytes", bytes)
	return ""
}

// TestHeaderLength: a header may have 1,024 bytes.
func TestHeaderLength(t *testing.T) {
	s := newSigner(t)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	pad := 1024 - len(asJSON(t, with(es256(), "x", "")))
	for more, want := range []bool{true, false} {
		token := s.token(t, with(es256(), "x", strings.Repeat("x", pad+more)), good())
		if _, _, err := ask(t.Context(), a, token); (err == nil) != want {
			t.Errorf("%d bytes: got %v", 1024+more, err)
		}
	}
}

// TestBasis says what each finding rests on: nothing is remembered past the
// moment when it may turn.
func TestBasis(t *testing.T) {
	s, now := newSigner(t), noon().Unix()
	end := noon().Add(time.Hour + time.Minute)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	ec, nobody, nameless := keyStripe("file", ecKey), keyStripe("file", "nobody's"), keyStripe("file", "")
	for _, row := range []struct {
		name, token string
		want        authz.Basis
	}{
		{"known", s.ann(t), authz.Basis{Lasting: true, Until: end, Stripes: []authz.Stripe{ec}}},
		{"without kid", s.token(t, object{"alg": "ES256"}, good()), authz.Basis{Lasting: true, Until: end, Stripes: []authz.Stripe{nameless}}},
		{"no token", "a.b.c", authz.Lasting()},
		{"alg", s.token(t, object{"alg": "HS256"}, good()), authz.Lasting()},
		{"kid", s.token(t, object{"alg": "ES256", "kid": "nobody's"}, good()), authz.Basis{Lasting: true, Stripes: []authz.Stripe{nobody}}},
		{"signature", newSigner(t).ann(t), authz.Basis{Lasting: true, Stripes: []authz.Stripe{ec}}},
		{"expired", s.token(t, es256(), with(good(), "exp", now-60)), authz.Basis{Lasting: true, Stripes: []authz.Stripe{ec}}},
		{"to come", s.token(t, es256(), with(good(), "nbf", now+100)), authz.Basis{Lasting: true, Until: noon().Add(40 * time.Second), Stripes: []authz.Stripe{ec}}},
		{"no subject", s.token(t, es256(), with(good(), "sub", nil)), authz.Basis{Lasting: true, Until: end, Stripes: []authz.Stripe{ec}}},
	} {
		_, basis, _ := ask(t.Context(), a, row.token)
		if diff := cmp.Diff(basis, row.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", row.name, diff)
		}
	}
}

// TestOwnHeader holds the token alone; a scheme there is no token.
func TestOwnHeader(t *testing.T) {
	s := newSigner(t)
	conf := settings(jwt.NewStatic("file", s.published(t)))
	conf.Header = "X-Access-Token"
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := authenticator(t, conf)
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present:   authntest.ByHeader("x-access-token", ""),
		Valid:     []string{s.ann(t)},
		Rejected:  []string{newSigner(t).ann(t)},
		Malformed: []string{"Bearer " + s.ann(t), "", "a"},
	})
}

// TestNotOurs: another scheme, no header and no request are an absence.
func TestNotOurs(t *testing.T) {
	s := newSigner(t)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	basic := authntest.Full()
	authntest.ByHeader("authorization", "Basic")(basic, s.ann(t))
	for name, attributes := range map[string]*authz.Attributes{"basic": basic, "no request": {}, "no header": {Request: &authz.Request{}}} {
		if _, err := a.Extract(attributes); !errors.Is(err, authz.ErrAbsent) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
