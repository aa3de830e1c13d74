package introspection

import (
	"context"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/facts"
)

// Authenticator knows callers by what an endpoint says of their token. It is
// immutable but for the answers that it remembers.
type Authenticator struct {
	settings Settings
	carrier  authz.Carrier
	scheme   string
	desk     *facts.Desk[finding]
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings. Nobody is
// asked yet.
func New(settings Settings) (*Authenticator, error) {
	s, err := settings.settled()
	if err != nil {
		return nil, err
	}
	desk, err := facts.New(facts.Settings[finding]{Ask: s.question, MaxAge: s.MaxAge, Timeout: s.Timeout, MostCalls: s.MostCalls, Now: s.Now})
	if err != nil {
		return nil, fmt.Errorf("introspection: %w", err)
	}
	a := &Authenticator{settings: s, carrier: authz.InHeader(s.Header), desk: desk}
	if s.Header == authorization {
		a.scheme = bearer
	}
	return a, nil
}

// Traits are what the settings fix.
func (a *Authenticator) Traits() authz.Traits {
	return authz.Traits{
		Carriers:  []authz.Carrier{a.carrier},
		Claims:    a.claims(),
		Reads:     authz.Reads{a.carrier.Field()},
		Reuse:     authz.ReuseAllowed,
		Challenge: "Bearer",
	}
}

func (a *Authenticator) claims() []authz.Claim {
	opaque := authz.Claim{Scheme: a.scheme, Shape: authz.ShapeOpaque}
	switch {
	case a.settings.Prefix != "":
		return []authz.Claim{{Scheme: a.scheme, Shape: authz.ShapePrefix, Prefix: a.settings.Prefix}}
	case a.settings.JWTShaped:
		return []authz.Claim{opaque, {Scheme: a.scheme, Shape: authz.ShapeJWT}}
	default:
		return []authz.Claim{opaque}
	}
}

// Extract implements authz.Authenticator. It looks at the form alone: which
// characters there are, and how many. Another prefix is somebody else's.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(a.carrier, a.scheme)
	switch {
	case err != nil:
		return authz.Credential{}, err
	case len(value) > a.settings.MaxBytes:
		return authz.Credential{}, fmt.Errorf("%w: longer than %d bytes", authz.ErrMalformed, a.settings.MaxBytes)
	case !isToken(value):
		return authz.Credential{}, fmt.Errorf("%w: no bearer token (RFC 6750 section 2.1)", authz.ErrMalformed)
	case !strings.HasPrefix(value, a.settings.Prefix):
		return authz.Credential{}, authz.ErrAbsent
	default:
		return authz.Credential{Value: authz.NewSecret(value)}, nil
	}
}

// Authenticate implements authz.Authenticator.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	found, err := a.desk.Ask(ctx, credential.Value.Reveal())
	if err != nil {
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("introspect: %w", err)
	}
	basis := authz.Basis{Lasting: true, Until: found.Until}
	if found.Nothing {
		return authz.Caller{}, basis, fmt.Errorf("%w: %w", authz.ErrRejected, found.Value.rejection)
	}
	return found.Value.caller, basis, nil
}
