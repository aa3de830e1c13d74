package authz

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrNotMember: the caller does not belong to the tenant, and that is certain.
var ErrNotMember = errors.New("not a member")

// Belonging tells whether a caller belongs to the tenant that a request concerns.
// Where the tenant stands in the credential or the path it is a claim, and no fact. It
// is safe for parallel use, and looks at nothing else of the request.
type Belonging interface {
	// Belongs says what the tenant leaves of the caller's scopes, or ErrNotMember; any
	// other error is "could not tell". The Basis is as an Authenticator's.
	Belongs(ctx context.Context, tenant string, caller Caller) (Bound, Basis, error)
}

// Bound is what of a caller's scopes counts for a tenant. The zero Bound is none of
// them. Nobody has a scope by it that their credential does not have.
type Bound struct {
	// Whole leaves all scopes, and Scopes is not looked at.
	Whole  bool
	Scopes []string
}

// within keeps the order. Callers are shared: their scopes are never changed.
func (b Bound) within(scopes []string) []string {
	if b.Whole {
		return scopes
	}
	var left []string
	for _, scope := range scopes {
		if slices.Contains(b.Scopes, scope) {
			left = append(left, scope)
		}
	}
	return left
}

// belong asks where the route wants to know. From here on the caller has the scopes
// that the tenant leaves.
func (d *decision) belong(ctx context.Context) error {
	if d.match.Route.Belonging == nil {
		return nil
	}
	d.rule = "membership"
	bound, basis, err := d.match.Route.Belonging.Belongs(ctx, d.tenant, d.caller)
	d.basis = d.basis.And(basis)
	if err != nil {
		return fmt.Errorf("membership: %w", only(err, ErrNotMember))
	}
	d.caller.Scopes = bound.within(d.caller.Scopes)
	return nil
}
