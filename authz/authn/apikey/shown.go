package apikey

import (
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// DefaultHeader is the header of a key where the settings name none.
const DefaultHeader = "x-api-key"

const (
	authorization = "authorization"
	bearer        = "bearer"
)

// shown is where keys stand in a request, whoever knows them.
type shown struct {
	carrier authz.Carrier
	claim   authz.Claim
}

// shown says what is wrong with the header or the prefix.
func (s Settings) shown() (shown, error) {
	header, err := s.header()
	if err != nil {
		return shown{}, err
	}
	claim := authz.Claim{Shape: authz.ShapeOpaque}
	if s.Prefix != "" {
		claim = authz.Claim{Shape: authz.ShapePrefix, Prefix: s.Prefix}
	}
	if header == authorization {
		claim.Scheme = bearer
	}
	return shown{authz.InHeader(header), claim}, nil
}

// Traits are what the settings fix.
func (s shown) Traits() authz.Traits {
	challenge := "ApiKey"
	if s.claim.Scheme == bearer {
		challenge = "Bearer"
	}
	return authz.Traits{
		Carriers:  []authz.Carrier{s.carrier},
		Claims:    []authz.Claim{s.claim},
		Reads:     authz.Reads{s.carrier.Field()},
		Reuse:     authz.ReuseAllowed,
		Challenge: challenge,
	}
}

// Extract implements authz.Authenticator. A value of another scheme or prefix
// is somebody else's: absent.
func (s shown) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(s.carrier, s.claim.Scheme)
	if err != nil {
		return authz.Credential{}, err
	}
	if err := keylist.Check(value); err != nil {
		return authz.Credential{}, err
	}
	if !strings.HasPrefix(value, s.claim.Prefix) {
		return authz.Credential{}, authz.ErrAbsent
	}
	return authz.Credential{Value: authz.NewSecret(value)}, nil
}
