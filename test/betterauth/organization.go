package betterauth

import (
	"context"
	"testing"
)

// CreateOrganization makes one that the person owns, and gives its id. It becomes
// the session's active one.
func (p *Person) CreateOrganization(t *testing.T, slug string) string {
	t.Helper()
	var made struct{ ID string }
	p.do(t, "/organization/create", map[string]string{"name": slug, "slug": slug}, &made)
	return made.ID
}

// SetActive makes an organization the session's active one. Better Auth refuses one
// that the person does not belong to.
func (p *Person) SetActive(ctx context.Context, organization string) error {
	return p.ask(ctx, "/organization/set-active", map[string]string{"organizationId": organization}, nil)
}

// Invite makes the guest, who accepts, a member with a role: member, admin or owner.
func (p *Person) Invite(t *testing.T, organization string, guest *Person, role string) {
	t.Helper()
	var invitation struct{ ID string }
	p.do(t, "/organization/invite-member", map[string]string{
		"organizationId": organization, "email": guest.email, "role": role,
	}, &invitation)
	guest.do(t, "/organization/accept-invitation", map[string]string{"invitationId": invitation.ID}, nil)
}

// Remove ends somebody's membership.
func (p *Person) Remove(t *testing.T, organization string, member *Person) {
	t.Helper()
	p.do(t, "/organization/remove-member", map[string]string{
		"organizationId": organization, "memberIdOrEmail": member.email,
	}, nil)
}
