package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// Authenticator knows callers by what a hook says of their token. It remembers nothing.
type Authenticator struct {
	settings Settings
	carrier  authz.Carrier
	claim    authz.Claim
	places   places
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings. Nobody is asked
// yet.
func New(settings Settings) (*Authenticator, error) {
	s, err := settings.settled()
	if err != nil {
		return nil, err
	}
	a := &Authenticator{
		settings: s, carrier: authz.InHeader(s.Header), claim: authz.Claim{Shape: authz.ShapeOpaque}, places: newPlaces(s.MostCalls),
	}
	if s.Prefix != "" {
		a.claim = authz.Claim{Shape: authz.ShapePrefix, Prefix: s.Prefix}
	}
	if s.Header == authorization {
		a.claim.Scheme = bearer
	}
	return a, nil
}

// Traits are what the settings fix.
func (a *Authenticator) Traits() authz.Traits {
	return authz.Traits{
		Carriers:  []authz.Carrier{a.carrier},
		Claims:    []authz.Claim{a.claim},
		Reads:     authz.Reads{a.carrier.Field()},
		Reuse:     authz.ReuseNever,
		Challenge: "Bearer",
	}
}

// Extract implements authz.Authenticator. It looks at the form alone. Another prefix is
// somebody else's.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(a.carrier, a.claim.Scheme)
	switch {
	case err != nil:
		return authz.Credential{}, err
	case len(value) > mostBytes:
		return authz.Credential{}, fmt.Errorf("%w: longer than %d bytes", authz.ErrMalformed, mostBytes)
	case value == "" || !keylist.Visible(value):
		return authz.Credential{}, fmt.Errorf("%w: not a token of visible ASCII characters", authz.ErrMalformed)
	case !strings.HasPrefix(value, a.settings.Prefix):
		return authz.Credential{}, authz.ErrAbsent
	default:
		return authz.Credential{Value: authz.NewSecret(value)}, nil
	}
}

// Authenticate implements authz.Authenticator. It asks the hook, once. The Basis is the
// zero one whatever it says.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	caller, err := a.ask(ctx, credential.Value.Reveal())
	if err != nil {
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("verify: %w", err)
	}
	return caller, authz.Basis{}, nil
}
