package authz

import (
	"context"
	"errors"
	"fmt"
)

// ErrNotMember: the caller does not belong to the tenant, and that is certain.
var ErrNotMember = errors.New("not a member")

// Belonging tells whether a caller belongs to the tenant that a request concerns.
// Where the tenant stands in the credential or the path it is a claim, and no fact. It
// is safe for parallel use, and looks at nothing else of the request.
type Belonging interface {
	// Belongs gives ErrNotMember or no error; any other one is "could not tell". The
	// Basis is as an Authenticator's.
	Belongs(ctx context.Context, tenant string, caller Caller) (Basis, error)
}

// belong asks where the route wants to know.
func (d *decision) belong(ctx context.Context) error {
	if d.match.Route.Belonging == nil {
		return nil
	}
	d.rule = "membership"
	basis, err := d.match.Route.Belonging.Belongs(ctx, d.tenant, d.caller)
	d.basis = d.basis.and(basis)
	if err != nil {
		return fmt.Errorf("membership: %w", only(err, ErrNotMember))
	}
	return nil
}
