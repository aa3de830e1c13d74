package edge

import (
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// Secure admits what came over proven HTTPS or from the proxy's own machine. What a
// client says of its scheme is no proof.
type Secure struct{}

var _ authz.Edge = Secure{}

// Admit implements authz.Edge.
func (Secure) Admit(attributes *authz.Attributes) error {
	if !attributes.Protected() {
		return fmt.Errorf("%w: neither proven HTTPS nor loopback", authz.ErrChannel)
	}
	return nil
}

// Reads implements authz.Edge.
func (Secure) Reads() authz.Reads { return authz.Reads{authz.FieldProtected} }
