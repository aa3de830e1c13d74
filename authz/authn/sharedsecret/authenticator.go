package sharedsecret

import (
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// Authenticator knows one caller by a shared secret. It is immutable.
type Authenticator struct {
	carrier authz.Carrier
	digests [][32]byte
	caller  authz.Caller
	query   string
	tenants []string
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings) (*Authenticator, error) {
	if err := settings.check(); err != nil {
		return nil, err
	}
	a := &Authenticator{
		carrier: authz.InHeader(settings.Header), caller: settings.Caller,
		query: settings.Query, tenants: slices.Clone(settings.Tenants),
	}
	a.caller.Scopes = slices.Clone(a.caller.Scopes)
	for _, secret := range settings.Secrets {
		a.digests = append(a.digests, keylist.Digest(secret))
	}
	return a, nil
}

// Traits are what the settings fix.
func (a *Authenticator) Traits() authz.Traits {
	reads := authz.Reads{a.carrier.Field()}
	if a.query != "" {
		reads = append(reads, authz.FieldQuery)
	}
	return authz.Traits{
		Carriers: []authz.Carrier{a.carrier}, Claims: []authz.Claim{{Shape: authz.ShapeOpaque}},
		Reads: reads, Reuse: authz.ReuseAllowed,
	}
}

// Extract implements authz.Authenticator. Name is the tenant that the query names.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(a.carrier, "")
	if err != nil {
		return authz.Credential{}, err
	}
	if err := keylist.Check(value); err != nil {
		return authz.Credential{}, err
	}
	tenant, err := a.tenant(attributes.Request)
	return authz.Credential{Name: tenant, Value: authz.NewSecret(value)}, err
}

// tenant is the one value of the parameter, or "". A query that cannot be read is
// refused before anybody is asked who calls; here it says nothing.
func (a *Authenticator) tenant(request *authz.Request) (string, error) {
	if a.query == "" {
		return "", nil
	}
	_, raw, _ := strings.Cut(request.Path, "?")
	query, err := authz.ParseQuery(raw)
	if err != nil {
		return "", fmt.Errorf("%w: query", authz.ErrMalformed)
	}
	if values := query[a.query]; len(values) == 1 {
		return values[0], nil
	}
	return "", nil
}

// Authenticate implements authz.Authenticator.
func (a *Authenticator) Authenticate(_ context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	shown, equal := keylist.Digest(credential.Value.Reveal()), 0
	for i := range a.digests {
		equal |= subtle.ConstantTimeCompare(a.digests[i][:], shown[:])
	}
	if equal != 1 {
		return authz.Caller{}, authz.Lasting(), fmt.Errorf("%w: not one of the shared secrets", authz.ErrRejected)
	}
	caller := a.caller
	if slices.Contains(a.tenants, credential.Name) {
		caller.Tenant = credential.Name
	}
	return caller, authz.Lasting(), nil
}
