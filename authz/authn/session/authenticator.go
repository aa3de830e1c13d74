package session

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// Authenticator knows callers by the session that a cookie of theirs stands for.
type Authenticator struct {
	cookies []authz.Carrier
	// beside are the fields that the source looks at beside the cookies.
	beside authz.Reads
	source source
}

var _ authz.Authenticator = (*Authenticator)(nil)

// source tells whose a session is.
type source interface {
	// present makes a credential of a cookie, or authz.ErrMalformed. It needs no secret
	// and no I/O.
	present(request *authz.Request, name, value string) (authz.Credential, error)
	// find is Authenticate.
	find(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error)
}

func newAuthenticator(cookies []string, beside authz.Reads, from source) (*Authenticator, error) {
	all, err := carriers(cookies)
	if err != nil {
		return nil, err
	}
	return &Authenticator{all, beside, from}, nil
}

// Traits are what the settings fix. A cookie has no scheme that could ask for it.
func (a *Authenticator) Traits() authz.Traits {
	traits := authz.Traits{
		Carriers: a.cookies,
		Claims:   []authz.Claim{{Shape: authz.ShapeOpaque}},
		Reuse:    authz.ReuseAllowed,
	}
	for _, cookie := range a.cookies {
		traits.Reads = append(traits.Reads, cookie.Field())
	}
	traits.Reads = append(traits.Reads, a.beside...)
	return traits
}

// Extract implements authz.Authenticator. Two of the cookies are two credentials,
// whatever they say: nobody can tell which of them the site meant to be read.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	if attributes.Request == nil {
		return authz.Credential{}, authz.ErrAbsent
	}
	name, value, err := a.cookie(attributes.Request.Headers)
	if err != nil {
		return authz.Credential{}, err
	}
	return a.source.present(attributes.Request, name, value)
}

// cookie gives the one cookie of ours that is there.
func (a *Authenticator) cookie(headers authz.Headers) (name, value string, err error) {
	for _, carrier := range a.cookies {
		got, presence := headers.Carried(carrier)
		switch {
		case presence == authz.Absent:
			continue
		case presence != authz.Single || name != "":
			return "", "", fmt.Errorf("%w: %s cannot be read in one way only", authz.ErrMalformed, carrier)
		default:
			name, value = carrier.Name, got
		}
	}
	if name == "" {
		return "", "", authz.ErrAbsent
	}
	return name, value, nil
}

// Authenticate implements authz.Authenticator.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	return a.source.find(ctx, credential)
}
