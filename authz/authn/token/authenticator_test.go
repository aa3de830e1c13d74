package token_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
)

func TestContract(t *testing.T) {
	suite := func(settings token.Settings, present func(*authz.Attributes, string)) authntest.Suite {
		return authntest.Suite{
			New: func(t testing.TB) authntest.Subject {
				t.Helper()
				a := newScene(t, settings)
				return authntest.Subject{Traits: a.Traits(), Authenticator: a}
			},
			Present: present,
			Valid:   []string{"mbz_hookhook_secret", "pfy_personal_secret", "mu_machine1_secret"},
			Rejected: []string{
				"pfy_nobodys0_secret", "pfy_gonegone_secret", "pfy_expiring_secret", "pfy_disabled_secret", "pfy_personal_guessed",
				"mu_personal_secret", "pfy_Personal_secret",
			},
			Malformed:   []string{"", "pfy_personal", "pfy_personal_cut", "pfy_personal_se cret", "pfy_personal_se,cret", "pfy_personal_sécret", "pfy_" + strings.Repeat("k", 1021)},
			Unavailable: []string{"pfy_downdown_secret", "pfy_provdown_secret", "pfy_swapped0_secret", "pfy_unproven_secret", "pfy_hasnoid0_secret"},
		}
	}
	bearer := suite(token.Settings{}, authntest.ByHeader("authorization", "Bearer"))
	bearer.Absent = []string{"sk_personal_secret", "e30.e30.e30"}
	t.Run("bearer", func(t *testing.T) { authntest.Run(t, bearer) })
	header := suite(token.Settings{Header: "X-Partner"}, authntest.ByHeader("x-partner", ""))
	t.Run("header", func(t *testing.T) { authntest.Run(t, header) })
	opaque := suite(token.Settings{Header: "x-api-key", Forms: append(forms(), token.Form{Parse: whole})}, authntest.ByHeader("x-api-key", ""))
	opaque.Valid = append(opaque.Valid, "opaque-key")
	opaque.Rejected = append(opaque.Rejected, "sk_personal_secret", "e30.e30.e30")
	t.Run("without a prefix too", func(t *testing.T) { authntest.Run(t, opaque) })
}

// TestEndings: each standing of a token has words of its own for the operator, all
// of them under one sentinel. Guards: the cases of ending, find and Authenticate,
// each by its row.
func TestEndings(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        error
		cause       string
		proofs      int64
	}{
		{"unknown", "Bearer pfy_nobodys0_secret", authz.ErrRejected, "unknown token", 0},
		{"another prefix's", "Bearer mu_personal_secret", authz.ErrRejected, "unknown token", 0},
		{"revoked", "Bearer pfy_gonegone_secret", authz.ErrRejected, `"t4" is revoked`, 0},
		{"expired this instant", "Bearer pfy_expiring_secret", authz.ErrRejected, `"t5" is expired`, 0},
		{"disabled", "Bearer pfy_disabled_secret", authz.ErrRejected, `"t6" is of an owner who is disabled`, 0},
		{"wrong secret", "Bearer pfy_personal_guessed", authz.ErrRejected, `not the secret of token "t2"`, 1},
		{"too many attempts", "Bearer pfy_provbusy_secret", authz.ErrThrottled, `"t8"`, 1},
		{"store down", "Bearer pfy_downdown_secret", errDown, "look up", 0},
		{"verifier down", "Bearer pfy_provdown_secret", errDown, "verify", 1},
		{"cut short", "Bearer pfy_personal_cut", authz.ErrMalformed, "cut short", 0},
		{"too long", "Bearer pfy_personal_" + strings.Repeat("k", 1024), authz.ErrMalformed, "longer", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, token.Settings{})
			caller, _, err := s.ask(t, test.value)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.cause) {
				t.Errorf("got %v, want %v with the cause %q", err, test.want, test.cause)
			}
			if got := s.verifier.proofs.Load(); got != test.proofs {
				t.Errorf("got %d proofs, want %d", got, test.proofs)
			}
			if caller.Subject != "" {
				t.Errorf("got the caller %v beside an error", caller)
			}
		})
	}
}

// TestBasis: what ends a finding is announced under the same names (feed.go).
// Guards: each stripe of basisOf and find, by the touch that goes unnoticed; Until.
func TestBasis(t *testing.T) {
	touches := func(all ...authz.Touch) []authz.Stripe {
		var stripes []authz.Stripe
		for _, touch := range all {
			stripes = append(stripes, touch.Stripe())
		}
		return stripes
	}
	looked := func(prefix, lookup string) authz.Touch {
		return authz.Touch{Topic: authz.TopicTokenRef, Name: []string{prefix, lookup}}
	}
	named := func(topic authz.Topic, id string) authz.Touch { return authz.Touch{Topic: topic, Name: []string{id}} }
	for _, test := range []struct {
		name, value string
		want        authz.Basis
	}{
		{"good", "Bearer pfy_personal_secret", authz.Basis{Lasting: true, Until: today.Add(time.Second), Stripes: touches(
			looked("pfy_", "personal"), named(authz.TopicToken, "t2"), named(authz.TopicOwner, "o2"), named(authz.TopicOrganization, "t1"))}},
		{"without owner and end", "Bearer mbz_hookhook_secret", authz.Basis{Lasting: true, Stripes: touches(
			looked("mbz_", "hookhook"), named(authz.TopicToken, "t1"), named(authz.TopicOrganization, "S1"))}},
		{"revoked, for ever", "Bearer pfy_gonegone_secret", authz.Basis{Lasting: true, Stripes: touches(
			looked("pfy_", "gonegone"), named(authz.TopicToken, "t4"), named(authz.TopicOwner, "o4"), named(authz.TopicOrganization, "t1"))}},
		{"disabled, until its owner changes", "Bearer pfy_disabled_secret", authz.Basis{Lasting: true, Stripes: touches(
			looked("pfy_", "disabled"), named(authz.TopicToken, "t6"), named(authz.TopicOwner, "o6"))}},
		{"unknown, until it is minted", "Bearer pfy_nobodys0_secret", authz.Basis{Lasting: true, Stripes: touches(looked("pfy_", "nobodys0"))}},
		{"wrong secret: never remembered", "Bearer pfy_personal_guessed", authz.Basis{}},
		{"could not tell", "Bearer pfy_downdown_secret", authz.Basis{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, got, _ := newScene(t, token.Settings{}).ask(t, test.value)
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("basis (-got +want):\n%s", diff)
			}
		})
	}
}

// TestAttempt: what is proven is the whole token, for the account of the one that
// was found.
func TestAttempt(t *testing.T) {
	s := newScene(t, token.Settings{})
	if _, _, err := s.ask(t, "bearer mu_machine1_secret"); err != nil {
		t.Fatal(err)
	}
	got := *s.verifier.last.Load()
	if got.Secret.Reveal() != "mu_machine1_secret" || got.Verifier != "mu_machine1_secret" || got.Account != "token t3" || got.Holder != (authz.Holder{Token: "t3"}) || got.Address != "192.0.2.7" {
		t.Errorf("got the attempt %+v with the secret %q", got, got.Secret.Reveal())
	}
}

func TestCaller(t *testing.T) {
	s := newScene(t, token.Settings{})
	for text, want := range map[string]authz.Caller{
		"mbz_hookhook_secret": {Subject: "t1", TokenID: "t1", Tenant: "S1", Scopes: []string{"webhooks:manage"}},
		"pfy_personal_secret": {
			Subject: "u1", User: "u1", TokenID: "t2", Tenant: "t1", Role: "editor",
			Claims: map[string]any{"a": "b"}, Expires: today.Add(time.Second),
		},
	} {
		got, _, err := s.ask(t, "Bearer "+text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", text, diff)
		}
	}
}

// TestForms: a form cannot make a text another token's than it says, and what it says
// of a text is told once. Guards: the cases of read.
func TestForms(t *testing.T) {
	giving := func(given authz.TokenRef, err error) token.Settings {
		return token.Settings{Forms: []token.Form{{Prefix: "sk_", Parse: func(string) (authz.TokenRef, error) { return given, err }}}}
	}
	for _, test := range []struct {
		name     string
		settings token.Settings
		want     string
	}{
		{"another prefix", giving(ref("mu_", "machine1"), nil), "malformed credential: another prefix than its own, or nothing to look up"},
		{"nothing to look up", giving(ref("sk_", ""), nil), "malformed credential: another prefix than its own, or nothing to look up"},
		{"words of its own", giving(authz.TokenRef{}, errors.New("cut short")), "malformed credential: cut short"},
		{"words that are malformed's", giving(authz.TokenRef{}, authz.ErrMalformed), "malformed credential"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, test.settings)
			_, _, err := s.ask(t, "Bearer sk_something")
			if !errors.Is(err, authz.ErrMalformed) || err.Error() != test.want || s.store.asked.Load() != 0 {
				t.Errorf("got %v, want %q and a store that was not asked", err, test.want)
			}
		})
	}
}
