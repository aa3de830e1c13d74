package anonymous

import (
	"context"

	"github.com/sallyport-authz/sallyport/authz"
)

// Authenticator knows every request as anonymous.
type Authenticator struct{}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator.
func New() *Authenticator { return &Authenticator{} }

// Traits say that it reads nothing.
func (*Authenticator) Traits() authz.Traits { return authz.Traits{Reuse: authz.ReuseAllowed} }

// Extract implements authz.Authenticator. It always finds its credential: none.
func (*Authenticator) Extract(*authz.Attributes) (authz.Credential, error) {
	return authz.Credential{}, nil
}

// Authenticate implements authz.Authenticator. The subject is empty; the word
// that the flow adds is all that is known.
func (*Authenticator) Authenticate(context.Context, authz.Credential) (authz.Caller, authz.Basis, error) {
	return authz.Caller{}, authz.Lasting(), nil
}
