package apikey

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// DefaultHeader is the header of a key where the settings name none.
const DefaultHeader = "x-api-key"

const (
	authorization = "authorization"
	bearer        = "bearer"
)

// Authenticator knows callers by their API key. It is immutable.
type Authenticator struct {
	carrier authz.Carrier
	claim   authz.Claim
	keys    map[[32]byte]keylist.Key
	now     func() time.Time
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings, now func() time.Time) (*Authenticator, error) {
	if now == nil {
		return nil, errors.New("no clock")
	}
	header, err := settings.header()
	if err != nil {
		return nil, err
	}
	keys, err := index(settings.Keys)
	if err != nil {
		return nil, err
	}
	claim := authz.Claim{Shape: authz.ShapeOpaque}
	if settings.Prefix != "" {
		claim = authz.Claim{Shape: authz.ShapePrefix, Prefix: settings.Prefix}
	}
	if header == authorization {
		claim.Scheme = bearer
	}
	return &Authenticator{carrier: authz.InHeader(header), claim: claim, keys: keys, now: now}, nil
}

// Traits are what the settings fix.
func (a *Authenticator) Traits() authz.Traits {
	challenge := "ApiKey"
	if a.claim.Scheme == bearer {
		challenge = "Bearer"
	}
	return authz.Traits{
		Carriers:  []authz.Carrier{a.carrier},
		Claims:    []authz.Claim{a.claim},
		Reads:     authz.Reads{a.carrier.Field()},
		Reuse:     authz.ReuseAllowed,
		Challenge: challenge,
	}
}

// Extract implements authz.Authenticator. A value of another scheme or prefix
// is somebody else's: absent.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(a.carrier, a.claim.Scheme)
	if err != nil {
		return authz.Credential{}, err
	}
	if err := keylist.Check(value); err != nil {
		return authz.Credential{}, err
	}
	if !strings.HasPrefix(value, a.claim.Prefix) {
		return authz.Credential{}, authz.ErrAbsent
	}
	return authz.Credential{Value: authz.NewSecret(value)}, nil
}

// Authenticate implements authz.Authenticator. The map is asked with a digest,
// which nobody can choose byte by byte: how long the lookup takes tells nothing
// about a known key. The last word is a comparison in constant time.
func (a *Authenticator) Authenticate(_ context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	digest := keylist.Digest(credential.Value.Reveal())
	key, known := a.keys[digest]
	if !known || subtle.ConstantTimeCompare(key.Digest[:], digest[:]) != 1 {
		return keylist.Unknown()
	}
	return key.Known(a.now())
}
