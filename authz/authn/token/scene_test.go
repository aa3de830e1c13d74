package token_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
)

// today is when the tests happen.
var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func now() time.Time { return today }

var errDown = errors.New("down")

// shelf is a store of a few tokens. It counts how often it was asked.
type shelf struct {
	tokens map[authz.TokenRef]authz.Token
	asked  atomic.Int64
}

func (s *shelf) Token(_ context.Context, ref authz.TokenRef) (authz.Token, error) {
	s.asked.Add(1)
	switch found, known := s.tokens[ref]; {
	case ref.Lookup == "downdown":
		return authz.Token{}, errDown
	case !known:
		return authz.Token{}, authz.ErrNotFound
	default:
		return found, nil
	}
}

// verifier takes a verifier for the secret itself. It counts, and keeps the last one.
type verifier struct {
	proofs atomic.Int64
	last   atomic.Pointer[authz.Attempt]
}

func (p *verifier) Verify(_ context.Context, attempt authz.Attempt) (authz.Proof, error) {
	p.proofs.Add(1)
	p.last.Store(&attempt)
	switch attempt.Verifier {
	case "down":
		return authz.Proof{}, errDown
	case "busy":
		return authz.Proof{}, authz.ErrThrottled
	default:
		return authz.Proof{OK: attempt.Verifier == attempt.Secret.Reveal()}, nil
	}
}

// parse reads prefix_<id: 8>_<secret>, of which "cut" is too short.
func parse(text string) (authz.TokenRef, error) {
	prefix, rest, _ := strings.Cut(text, "_")
	id, secret, _ := strings.Cut(rest, "_")
	switch {
	case secret == "cut":
		return authz.TokenRef{}, errors.New("cut short")
	case len(id) != 8 || secret == "" || strings.Contains(secret, "."):
		return authz.TokenRef{}, authz.ErrMalformed
	default:
		return authz.TokenRef{Prefix: prefix + "_", Lookup: id}, nil
	}
}

// whole looks a text up as a whole.
func whole(text string) (authz.TokenRef, error) {
	return authz.TokenRef{Lookup: "whole:" + text[:min(len(text), 6)]}, nil
}

func ref(prefix, lookup string) authz.TokenRef { return authz.TokenRef{Prefix: prefix, Lookup: lookup} }

// shelved are tokens of every standing: the verifier is the token's own text.
func shelved() *shelf {
	s := &shelf{tokens: map[authz.TokenRef]authz.Token{}}
	for text, t := range map[string]authz.Token{
		"mbz_hookhook_secret": {ID: "t1", Grant: authz.Grant{Tenant: "S1", Scopes: []string{"webhooks:manage"}}},
		"pfy_personal_secret": {ID: "t2", Owner: "o2", Grant: authz.Grant{Subject: "u1", User: "u1", Tenant: "t1", Role: "editor", Claims: map[string]any{"a": "b"}}, Expires: today.Add(time.Second)},
		"mu_machine1_secret":  {ID: "t3", Owner: "o3", Grant: authz.Grant{Subject: "m1", Tenant: "t1"}},
		"pfy_gonegone_secret": {ID: "t4", Owner: "o4", Grant: authz.Grant{Tenant: "t1"}, Revoked: today.Add(-time.Hour), Expires: today.Add(-time.Minute)},
		"pfy_expiring_secret": {ID: "t5", Expires: today},
		"pfy_disabled_secret": {ID: "t6", Owner: "o6", Disabled: true},
		"pfy_provdown_secret": {ID: "t7", Verifier: "down"},
		"pfy_provbusy_secret": {ID: "t8", Verifier: "busy"},
		"pfy_hasnoid0_secret": {},
	} {
		t.Ref, _ = parse(text)
		if t.Verifier == "" {
			t.Verifier = text
		}
		s.tokens[t.Ref] = t
	}
	s.tokens[ref("", "whole:opaque")] = authz.Token{ID: "t9", Ref: ref("", "whole:opaque"), Verifier: "opaque-key"}
	s.tokens[ref("pfy_", "swapped0")] = authz.Token{ID: "t10", Ref: ref("pfy_", "SWAPPED0"), Verifier: "pfy_swapped0_secret"}
	s.tokens[ref("pfy_", "unproven")] = authz.Token{ID: "t11", Ref: ref("pfy_", "unproven")}
	return s
}

// forms stand in an order in which the first match would be wrong.
func forms() []token.Form {
	return []token.Form{{Prefix: "p", Parse: refuse}, {Prefix: "mbz_", Parse: parse}, {Prefix: "pfy_", Parse: parse}, {Prefix: "mu_", Parse: parse}}
}

func refuse(string) (authz.TokenRef, error) { return authz.TokenRef{}, authz.ErrMalformed }

// scene is an authenticator with what it asks.
type scene struct {
	*token.Authenticator
	store    *shelf
	verifier *verifier
}

func newScene(t testing.TB, settings token.Settings) scene {
	t.Helper()
	s := scene{store: shelved(), verifier: &verifier{}}
	settings.Store, settings.Verifier, settings.Now = s.store, s.verifier, now
	if settings.Forms == nil {
		settings.Forms = forms()
	}
	a, err := token.New(settings)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	s.Authenticator = a
	return s
}

func carrying(name, value string) *authz.Attributes {
	return &authz.Attributes{Request: &authz.Request{Headers: authz.Headers{Joined: true, List: []authz.Header{{Name: name, Value: value}}}}}
}

// ask gives what becomes of a request with this value of authorization.
func (s scene) ask(t testing.TB, value string) (authz.Caller, authz.Basis, error) {
	t.Helper()
	credential, err := s.Extract(carrying("authorization", value))
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	credential.Address = "192.0.2.7"
	return s.Authenticate(t.Context(), credential)
}
