package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// Authenticator knows tenants by their hosts. It is immutable.
type Authenticator struct {
	// owners are by canonical host: custom domains and whole names of slugs, with
	// callers for those that are verified.
	owners owners
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings) (*Authenticator, error) {
	owners, err := settings.owners()
	if err != nil {
		return nil, err
	}
	return &Authenticator{owners: owners}, nil
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

// Authenticate implements authz.Authenticator. A host of the settings is never looked
// up: whoever has it there, verified or not, has it before all others.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	settings, name := a.owners.settings, credential.Name
	if caller, known := a.owners.callers[name]; known {
		return caller, authz.Lasting(), nil
	}
	if _, owned := a.owners.owner[name]; owned || settings.Domains == nil || !settings.leaves(name) {
		return authz.Caller{}, authz.Lasting(), errNobodys
	}
	return a.lookUp(ctx, name)
}

var errNobodys = fmt.Errorf("%w: no tenant has this host", authz.ErrAbsent)

// lookUp asks the store. That a domain is unknown or unverified rests on its name, so
// that verifying it ends the absence.
func (a *Authenticator) lookUp(ctx context.Context, name string) (authz.Caller, authz.Basis, error) {
	basis := authz.Basis{Lasting: true, Stripes: []authz.Stripe{authz.StripeOf(authz.TopicDomain, name)}}
	domain, err := a.owners.settings.Domains.Domain(ctx, name)
	switch {
	case errors.Is(err, authz.ErrNotFound):
		return authz.Caller{}, basis, errNobodys
	case err != nil:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("look up a domain: %w", err)
	case domain.Name != name || domain.Organization == "":
		return authz.Caller{}, authz.Basis{}, errors.New("the store gave another domain than was asked for, or half a one")
	case !domain.Verified:
		return authz.Caller{}, basis, errNobodys
	}
	basis.Stripes = append(basis.Stripes, authz.StripeOf(authz.TopicOrganization, domain.Organization))
	return authz.Caller{Tenant: domain.Organization, Settled: true, Scopes: a.owners.settings.Scopes}, basis, nil
}
