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

// Members lets those pass whom a store has as members of the tenant's organization.
type Members struct{ store Memberships }

var _ authz.Belonging = Members{}

// NewMembers makes Members. Without a store nobody can tell who is one.
func NewMembers(store Memberships) Members { return Members{store} }

// Belongs implements authz.Belonging. A caller without a subject, as those that are
// known by a host or not at all, is no member of anything; nor is anybody of no tenant.
// Both say so for good. All else rests on the membership, there or not, and on the
// organization.
func (m Members) Belongs(ctx context.Context, tenant string, caller authz.Caller) (authz.Basis, error) {
	if tenant == "" || caller.Subject == "" {
		return authz.Lasting(), fmt.Errorf("%w: no tenant or no subject", authz.ErrNotMember)
	}
	if m.store == nil {
		return authz.Basis{}, errors.New("there is no list of members")
	}
	basis := authz.Basis{Lasting: true, Stripes: []authz.Stripe{
		authz.StripeOf(authz.TopicMember, tenant, caller.Subject), authz.StripeOf(authz.TopicOrganization, tenant),
	}}
	found, err := m.store.Member(ctx, tenant, caller.Subject)
	switch {
	case errors.Is(err, authz.ErrNotFound):
		return basis, fmt.Errorf("%w: of %q", authz.ErrNotMember, tenant)
	case err != nil:
		return authz.Basis{}, fmt.Errorf("look up a membership: %w", err)
	case found.Organization != tenant || found.Subject != caller.Subject:
		return authz.Basis{}, errors.New("the store gave another membership than was asked for")
	default:
		return basis, nil
	}
}
