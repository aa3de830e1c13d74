package tenant

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// Memberships is a store's own list. Its error is authz.ErrNotFound or "could not
// tell".
type Memberships interface {
	Member(ctx context.Context, organization, subject string) (authz.Membership, error)
}

// MemberSettings say who belongs to a tenant.
type MemberSettings struct {
	// Store tells who is a member. Without one nobody can tell.
	Store Memberships
	// Listed counts only scopes that the membership lists. Otherwise one that lists
	// none leaves all.
	Listed bool
}

// Members lets those pass whom a store has as members of the tenant's organization.
type Members struct{ settings MemberSettings }

var _ authz.Belonging = Members{}

// NewMembers makes Members. The zero ones let nobody pass.
func NewMembers(settings MemberSettings) Members { return Members{settings} }

// Belongs implements authz.Belonging. A caller who is settled in the tenant passes, as a
// host does for its owner: whatever that rests on is in the caller's own Basis. All
// others are asked about by their subject, and rest on the membership, there or not, and
// on the organization. Who has no subject is a member of nothing, for good.
func (m Members) Belongs(ctx context.Context, tenant string, caller authz.Caller) (authz.Bound, authz.Basis, error) {
	switch {
	case tenant == "":
		return authz.Bound{}, authz.Lasting(), fmt.Errorf("%w: no tenant", authz.ErrNotMember)
	case caller.Settled && caller.Tenant == tenant:
		return authz.Bound{Whole: true}, authz.Lasting(), nil
	case caller.Subject != "":
		return m.member(ctx, tenant, caller.Subject)
	default:
		return authz.Bound{}, authz.Lasting(), fmt.Errorf("%w: no subject, and not the tenant's own", authz.ErrNotMember)
	}
}

func (m Members) member(ctx context.Context, tenant, subject string) (authz.Bound, authz.Basis, error) {
	if m.settings.Store == nil {
		return authz.Bound{}, authz.Basis{}, errors.New("there is no list of members")
	}
	basis := authz.Basis{Lasting: true, Stripes: []authz.Stripe{
		authz.StripeOf(authz.TopicMember, tenant, subject), authz.StripeOf(authz.TopicOrganization, tenant),
	}}
	found, err := m.settings.Store.Member(ctx, tenant, subject)
	switch {
	case errors.Is(err, authz.ErrNotFound):
		return authz.Bound{}, basis, fmt.Errorf("%w: of %q", authz.ErrNotMember, tenant)
	case err != nil:
		return authz.Bound{}, authz.Basis{}, fmt.Errorf("look up a membership: %w", err)
	case found.Organization != tenant || found.Subject != subject:
		return authz.Bound{}, authz.Basis{}, errors.New("the store gave another membership than was asked for")
	default:
		return authz.Bound{Whole: len(found.Scopes) == 0 && !m.settings.Listed, Scopes: found.Scopes}, basis, nil
	}
}
