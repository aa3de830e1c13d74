package authntest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/sallyport-authz/sallyport/authz"
)

// errUnavailable is what a fake says of a value that it cannot tell about.
var errUnavailable = errors.New("the fake's store is down")

// FakeSettings say how a Fake answers. A value in none of the maps is rejected.
type FakeSettings struct {
	// Name is the configured name; Word is what callers read, by default Name.
	Name string
	Word string
	// Carrier holds the value. The zero carrier makes a fake without one: its
	// value is then the host that is asked for, and an unknown one is absent.
	Carrier authz.Carrier
	// Claims default to opaque values, of scheme bearer in authorization.
	Claims []authz.Claim
	// Callers are those of the valid values.
	Callers map[string]authz.Caller
	// Malformed values are refused by Extract; of Unavailable ones nobody can tell.
	Malformed   map[string]bool
	Unavailable map[string]bool
	// Barred are the details of those who may do nothing.
	Barred    map[string]string
	OnInvalid authz.OnInvalid
	Reuse     authz.Reuse
}

// Fake is an authenticator for tests of the flow. It counts how often it was
// asked to verify, so that a test can show that a secret was not looked at.
type Fake struct {
	settings   FakeSettings
	configured *authz.Configured
	verified   atomic.Int64
}

var _ authz.Authenticator = (*Fake)(nil)

// NewFake makes a fake. It passes the contract suite.
func NewFake(settings FakeSettings) *Fake {
	f := &Fake{settings: settings}
	if f.settings.Word == "" {
		f.settings.Word = settings.Name
	}
	f.configured = &authz.Configured{
		Name: settings.Name, Kind: "fake", Word: f.settings.Word, OnInvalid: settings.OnInvalid,
		Traits: f.traits(), Authenticator: f,
	}
	return f
}

// Configured gives the fake as an operator would have configured it: the same
// pointer each time, by which the flow knows it.
func (f *Fake) Configured() *authz.Configured { return f.configured }

// Verified tells how often Authenticate was called.
func (f *Fake) Verified() int { return int(f.verified.Load()) }

func (f *Fake) carried() bool { return f.settings.Carrier.Kind != authz.NoCarrier }

func (f *Fake) traits() authz.Traits {
	if !f.carried() {
		return authz.Traits{Reads: authz.Reads{authz.FieldHost}, Reuse: f.settings.Reuse}
	}
	traits := authz.Traits{
		Carriers: []authz.Carrier{f.settings.Carrier},
		Claims:   f.settings.Claims,
		Reads:    authz.Reads{f.settings.Carrier.Field()},
		Reuse:    f.settings.Reuse,
	}
	if len(traits.Claims) == 0 {
		traits.Claims = []authz.Claim{{Shape: authz.ShapeOpaque}}
		if f.settings.Carrier == authz.InHeader("authorization") {
			traits.Claims[0].Scheme, traits.Challenge = "bearer", "Bearer"
		}
	}
	return traits
}

// Extract implements authz.Authenticator.
func (f *Fake) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	if attributes.Request == nil {
		return authz.Credential{}, authz.ErrAbsent
	}
	if !f.carried() {
		return authz.Credential{Name: attributes.Request.Host}, nil
	}
	value, presence := attributes.Request.Headers.Carried(f.settings.Carrier)
	switch presence {
	case authz.Absent:
		return authz.Credential{}, authz.ErrAbsent
	case authz.Single:
		return f.credential(value)
	default:
		return authz.Credential{}, authz.ErrMalformed
	}
}

// credential cuts the scheme off where the claims name one.
func (f *Fake) credential(value string) (authz.Credential, error) {
	if want := f.configured.Claims[0].Scheme; want != "" {
		scheme, rest, _ := strings.Cut(value, " ")
		if !strings.EqualFold(scheme, want) {
			return authz.Credential{}, authz.ErrAbsent
		}
		value = rest
	}
	if value == "" || f.settings.Malformed[value] {
		return authz.Credential{}, authz.ErrMalformed
	}
	return authz.Credential{Value: authz.NewSecret(value)}, nil
}

// Authenticate implements authz.Authenticator.
func (f *Fake) Authenticate(_ context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	f.verified.Add(1)
	value := credential.Value.Reveal()
	if !f.carried() {
		value = credential.Name
	}
	caller, known := f.settings.Callers[value]
	switch {
	case f.settings.Unavailable[value]:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("look up: %w", errUnavailable)
	case f.settings.Barred[value] != "":
		return authz.Caller{}, f.basis(value), authz.Detailed(fmt.Errorf("%w: by the fake", authz.ErrBarred), f.settings.Barred[value])
	case known:
		return caller, f.basis(value), nil
	case !f.carried():
		return authz.Caller{}, f.basis(value), authz.ErrAbsent
	default:
		return authz.Caller{}, f.basis(value), fmt.Errorf("%w: unknown to the fake", authz.ErrRejected)
	}
}

// basis depends on the stripe of the value, so that a test can turn a finding.
func (f *Fake) basis(value string) authz.Basis {
	return authz.Basis{Lasting: true, Stripes: []authz.Stripe{f.Stripe(value)}}
}

// Stripe stands for what the fake knows of a value.
func (f *Fake) Stripe(value string) authz.Stripe {
	return authz.StripeOf("fake", f.settings.Name, value)
}
