package token_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
)

// ending is how a value ends, and how often the store was asked.
func (s scene) ending(t *testing.T, value string, want error, asked int64) authz.Caller {
	t.Helper()
	before := s.store.asked.Load()
	caller, _, err := s.ask(t, value)
	if !errors.Is(err, want) {
		t.Errorf("%q: got %v, want %v", value, err, want)
	}
	if got := s.store.asked.Load() - before; got != asked {
		t.Errorf("%q: the store was asked %d times, want %d", value, got, asked)
	}
	return caller
}

// TestRows: what the rows of the requirements ask of this room. A row that asks others
// too is named in words, so that it does not pass for met.
func TestRows(t *testing.T) {
	t.Run("M06", func(t *testing.T) {
		s := newScene(t, token.Settings{})
		caller := s.ending(t, "Bearer mbz_hookhook_secret", nil, 1)
		if !slices.Equal(caller.Scopes, []string{"webhooks:manage"}) {
			t.Errorf("got the scopes %q, want exactly those stored", caller.Scopes)
		}
		s.ending(t, "Bearer mbz_hookhook_Secret", authz.ErrRejected, 1)
		s.ending(t, "Bearer mbz_hookhoo0_secret", authz.ErrRejected, 1)
		s.ending(t, "Bearer e30.e30.e30", authz.ErrAbsent, 0)
		s.ending(t, "Bearer mbz_hookhook_e30.e30.e30", authz.ErrMalformed, 0)
	})
	t.Run("M06/claims", func(t *testing.T) { claims(t) })
	t.Run("short of M07", func(t *testing.T) {
		newScene(t, token.Settings{}).ending(t, "Bearer mbz_123456789", authz.ErrMalformed, 0)
	})
	t.Run("G02", func(t *testing.T) {
		if caller := newScene(t, token.Settings{}).ending(t, "Bearer pfy_personal_secret", nil, 1); caller.User != "u1" || caller.Role != "editor" {
			t.Errorf("got %+v, want the user", caller)
		}
	})
	t.Run("G04", func(t *testing.T) {
		if caller := newScene(t, token.Settings{}).ending(t, "Bearer mu_machine1_secret", nil, 1); caller.Subject != "m1" || caller.Tenant != "t1" {
			t.Errorf("got %+v, want the machine and its tenant", caller)
		}
	})
	t.Run("G05", func(t *testing.T) {
		newScene(t, token.Settings{}).ending(t, "Bearer s3cret", authz.ErrAbsent, 0)
	})
	t.Run("scheme in any case", func(t *testing.T) {
		newScene(t, token.Settings{}).ending(t, "bEARER pfy_personal_secret", nil, 1)
	})
	t.Run("G49", func(t *testing.T) {
		s := newScene(t, token.Settings{})
		for _, value := range []string{
			"Bearer pfy_personal_sec ret", "Bearer pfy_personal_sec\nret", "Bearer pfy_personal_sec\tret", "Bearer  pfy_personal_secret", "Bearer pfy_personal_cut",
		} {
			s.ending(t, value, authz.ErrMalformed, 0)
		}
		s.ending(t, "Bearer pfy_personal_secret \t", nil, 1)
		s.ending(t, "Bearer pfy_personal_secre", authz.ErrRejected, 1)
	})
}

// claims settles who owns which bearer beside an authenticator of JWTs.
func claims(t *testing.T) {
	t.Helper()
	s := newScene(t, token.Settings{})
	jwt := authntest.NewFake(authntest.FakeSettings{
		Name: "jwt", Carrier: authz.InHeader("authorization"), Claims: []authz.Claim{{Scheme: "bearer", Shape: authz.ShapeJWT}},
	})
	settled, err := authz.NewClaims(nil, []*authz.Configured{jwt.Configured(), {Name: "token", Traits: s.Traits(), Authenticator: s}})
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"Bearer mbz_hookhook_secret":  "claimed:token",
		"Bearer mbz_hookhook.e30.e30": "claimed:token",
		"Bearer e30.e30.e30":          "claimed:jwt",
		"Bearer other":                "unclaimed",
		"Basic mbz_hookhook_secret":   "unclaimed",
	} {
		if got := settled.Standing(carrying("authorization", value).Request.Headers, authz.InHeader("authorization")); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}
