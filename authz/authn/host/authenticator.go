package host

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// Authenticator knows tenants by their hosts. It is immutable.
type Authenticator struct {
	// callers are by canonical host: verified custom domains and whole names of
	// slugs. Whatever stands in no row is nobody's.
	callers map[string]authz.Caller
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings) (*Authenticator, error) {
	callers, err := settings.callers()
	if err != nil {
		return nil, err
	}
	return &Authenticator{callers: callers}, nil
}

// Traits are the same for all settings: the host is no carrier, since it is no
// secret and is not taken off the request.
func (a *Authenticator) Traits() authz.Traits {
	return authz.Traits{Reads: authz.Reads{authz.FieldHost}, Reuse: authz.ReuseAllowed}
}

// Extract implements authz.Authenticator. The attributes' host is canonical.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	if attributes.Request == nil || attributes.Request.Host == "" {
		return authz.Credential{}, authz.ErrAbsent
	}
	return authz.Credential{Name: attributes.Request.Host}, nil
}

// Authenticate implements authz.Authenticator.
func (a *Authenticator) Authenticate(_ context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	caller, known := a.callers[credential.Name]
	if !known {
		return authz.Caller{}, authz.Lasting(), fmt.Errorf("%w: no tenant has this host", authz.ErrAbsent)
	}
	return caller, authz.Lasting(), nil
}
