package apikey

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// Authenticator knows callers by their API key. It is immutable.
type Authenticator struct {
	shown
	keys map[[32]byte]keylist.Key
	now  func() time.Time
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings, now func() time.Time) (*Authenticator, error) {
	if now == nil {
		return nil, errors.New("no clock")
	}
	shown, err := settings.shown()
	if err != nil {
		return nil, err
	}
	keys, err := index(settings.Keys)
	if err != nil {
		return nil, err
	}
	return &Authenticator{shown: shown, keys: keys, now: now}, nil
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
