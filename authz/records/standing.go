package records

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// Standing says who a user is in an organization now, or, where none is named, in that
// of the user's earliest membership. The error is authz.ErrNotMember, beside the Basis
// of that, or "could not tell".
func (s *Source) Standing(ctx context.Context, user, organization string) (authz.Standing, authz.Basis, error) {
	if user == "" {
		return authz.Standing{}, authz.Lasting(), fmt.Errorf("%w: no user", authz.ErrNotMember)
	}
	all, basis, err := told(ctx, s.members, user)
	if err != nil && !errors.Is(err, authz.ErrNotFound) {
		return authz.Standing{}, authz.Basis{}, err
	}
	for _, one := range all { // the earliest comes first
		if organization == "" || one.Organization == organization {
			return authz.Standing{Tenant: one.Organization, Role: one.Role, Scopes: s.grantable(one.Role)}, basis, nil
		}
	}
	return authz.Standing{}, basis, fmt.Errorf("%w: of %q", authz.ErrNotMember, organization)
}

// grantable are the scopes of a role, or of several: Better Auth separates them with
// commas.
func (s *Source) grantable(roles string) []string {
	var scopes []string
	for role := range strings.SplitSeq(roles, ",") {
		for _, scope := range s.settings.Roles[strings.TrimSpace(role)] {
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	return scopes
}

// earlier orders memberships: the ids of two that were made at once decide.
func earlier(a, b Member) int {
	return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
}
