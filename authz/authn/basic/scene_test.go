package basic_test

import (
	"context"
	"encoding/base64"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
)

var errDown = errors.New("down")

// register is a store of a few principals. It counts how often it was asked.
type register struct {
	principals []authz.Principal
	asked      atomic.Int64
}

func (r *register) Principal(_ context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
	r.asked.Add(1)
	switch name {
	case "down":
		return authz.Principal{}, errDown
	case "SVC1", "cafe\u0301": // what a collation or a normal form would find
		return authz.Principal{ID: "m1", Kind: kind, Name: "svc1", Login: authz.LoginPassword, Verifier: "pw1"}, nil
	case "odd":
		return authz.Principal{ID: "m1", Kind: authz.User, Name: "odd", Login: authz.LoginPassword, Verifier: "pw1"}, nil
	case "half":
		return authz.Principal{Kind: kind, Name: "half", Login: authz.LoginPassword, Verifier: "pw1"}, nil
	}
	for _, p := range r.principals {
		if p.Kind == kind && p.Name == name {
			return p, nil
		}
	}
	return authz.Principal{}, authz.ErrNotFound
}

// verifier takes a verifier for the password itself. It counts, and keeps the last.
type verifier struct {
	hashes atomic.Int64
	last   atomic.Pointer[authz.Attempt]
}

func (v *verifier) Verify(_ context.Context, attempt authz.Attempt) (authz.Proof, error) {
	v.hashes.Add(1)
	v.last.Store(&attempt)
	switch attempt.Secret.Reveal() {
	case "overload":
		return authz.Proof{}, errDown
	case "too-many":
		return authz.Proof{}, authz.ErrThrottled
	default:
		return authz.Proof{OK: attempt.Verifier != "" && attempt.Verifier == attempt.Secret.Reveal()}, nil
	}
}

// registered are principals of every standing: the verifier is the password.
func registered() *register {
	password := func(p authz.Principal) authz.Principal {
		p.Login = authz.LoginPassword
		return p
	}
	return &register{principals: []authz.Principal{
		password(authz.Principal{ID: "a1", Kind: authz.Administrator, Name: "admin", Verifier: "s3cret", Grant: authz.Grant{Subject: "admin", Role: "admin"}}),
		password(authz.Principal{ID: "m1", Kind: authz.Machine, Name: "svc1", Verifier: "pw1:with:colons", Grant: authz.Grant{Tenant: "t1", Scopes: []string{"check"}}}),
		password(authz.Principal{ID: "m2", Kind: authz.Machine, Name: "admin", Verifier: "machine's"}),
		password(authz.Principal{ID: "m3", Kind: authz.Machine, Name: "disabled", Verifier: "pw3", Disabled: true}),
		password(authz.Principal{ID: "m4", Kind: authz.Machine, Name: "unset"}),
		{ID: "m5", Kind: authz.Machine, Name: "bearer", Login: authz.LoginToken, Verifier: "mu_machine1_secret"},
		password(authz.Principal{ID: "c1", Kind: authz.Client, Name: "café", Verifier: "pässwörd"}),
		password(authz.Principal{ID: "u1", Kind: authz.User, Name: "ada", Verifier: "user's"}),
	}}
}

// scene is an authenticator with what it asks.
type scene struct {
	*basic.Authenticator
	store    *register
	verifier *verifier
}

func newScene(t testing.TB) scene {
	t.Helper()
	s := scene{store: registered(), verifier: &verifier{}}
	a, err := basic.New(basic.Settings{
		Kinds: []authz.PrincipalKind{authz.Administrator, authz.Machine, authz.Client}, Store: s.store, Verifier: s.verifier,
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	s.Authenticator = a
	return s
}

func encode(userPass string) string { return base64.StdEncoding.EncodeToString([]byte(userPass)) }

func carrying(value string) *authz.Attributes {
	return &authz.Attributes{Request: &authz.Request{Headers: authz.Headers{
		Joined: true, List: []authz.Header{{Name: "authorization", Value: value}},
	}}}
}

// ask gives what becomes of a request with this value of authorization.
func (s scene) ask(t testing.TB, value string) (authz.Caller, authz.Basis, error) {
	t.Helper()
	credential, err := s.Extract(carrying(value))
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	credential.Address, credential.Begun = "192.0.2.7", begun()
	return s.Authenticate(t.Context(), credential)
}

// begun is when every question here was asked.
func begun() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }
