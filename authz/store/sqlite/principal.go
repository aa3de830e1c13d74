package sqlite

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

const oneOfKind = ` WHERE p.kind = ? AND p.name = ?`

func (c *change) putPrincipal(ctx context.Context, p authz.Principal) (changed bool, err error) {
	before, err := one(ctx, c.tx, principals(oneOfKind), string(p.Kind), p.Name)
	switch {
	case errors.Is(err, authz.ErrNotFound):
		return true, c.addPrincipal(ctx, p)
	case err != nil:
		return false, err
	case p.ID != "" && p.ID != before.ID:
		return false, fmt.Errorf("%w: the principal's id is another one", authz.ErrInvalid)
	case p.Login != before.Login:
		return false, fmt.Errorf("%w: the principal's login is another one, and cannot change", authz.ErrInvalid)
	}
	return c.changePrincipal(ctx, before, p)
}

func (c *change) addPrincipal(ctx context.Context, p authz.Principal) error {
	if p.ID != "" {
		return fmt.Errorf("%w: the principal with this id is not there", authz.ErrInvalid)
	}
	texts, err := textsOf(p.Grant)
	if err != nil {
		return err
	}
	err = c.do(ctx, `INSERT INTO principal (id, kind, name, login, verifier, subject, tenant, role, user, scopes, claims, networks, disabled)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		newID(), string(p.Kind), p.Name, string(p.Login), p.Verifier, p.Subject, p.Tenant, p.Role, p.User,
		texts.scopes, texts.claims, texts.networks, p.Disabled)
	if err != nil {
		return err
	}
	return c.showPrincipal(ctx, p)
}

func (c *change) changePrincipal(ctx context.Context, before, p authz.Principal) (changed bool, err error) {
	texts, err := textsOf(p.Grant)
	if err != nil {
		return false, err
	}
	err = c.do(ctx, `UPDATE principal SET verifier = ?, subject = ?, tenant = ?, role = ?, user = ?, scopes = ?, claims = ?, networks = ?, disabled = ? WHERE id = ?`,
		p.Verifier, p.Subject, p.Tenant, p.Role, p.User, texts.scopes, texts.claims, texts.networks, p.Disabled, before.ID)
	if err != nil {
		return false, err
	}
	if err := c.showPrincipal(ctx, p); err != nil {
		return false, err
	}
	if reflect.DeepEqual(before, c.applied.Principal) {
		return false, nil
	}
	if before.Disabled == p.Disabled && slices.Equal(before.Networks, p.Networks) {
		return true, nil
	}
	owned, err := all(ctx, c.tx, tokens(ownedBy), before.ID)
	for _, t := range owned {
		c.touchToken(t)
	}
	return true, err
}

// ownedBy says twice that there is an owner: see room.
const ownedBy = ` WHERE t.owner = ? AND t.owner <> ''`

// showPrincipal reads a principal as it is found from now on.
func (c *change) showPrincipal(ctx context.Context, p authz.Principal) error {
	now, err := one(ctx, c.tx, principals(oneOfKind), string(p.Kind), p.Name)
	if err != nil {
		return err
	}
	c.namePrincipal(now)
	return nil
}

func (c *change) namePrincipal(p authz.Principal) {
	c.applied.Principal = p
	c.object = fmt.Sprintf("%s %s %s", p.Kind, p.Name, p.ID)
	c.touch(authz.TopicPrincipal, string(p.Kind), p.Name)
	c.touch(authz.TopicOwner, p.ID)
}

func (c *change) removePrincipal(ctx context.Context, m authz.RemovePrincipal) error {
	p, err := one(ctx, c.tx, principals(oneOfKind), string(m.Kind), m.Name)
	if err != nil {
		return err
	}
	c.namePrincipal(p)
	c.reason = m.Reason
	if err := c.endAll(ctx, m.Reason, ownedBy, p.ID); err != nil {
		return err
	}
	left, err := all(ctx, c.tx, members(` WHERE m.subject = ? ORDER BY m.organization`), p.Subject)
	if err != nil {
		return err
	}
	for _, each := range left {
		c.touch(authz.TopicMember, each.Organization, each.Subject)
	}
	if err := c.do(ctx, `DELETE FROM member WHERE subject = ?`, p.Subject); err != nil {
		return err
	}
	return c.do(ctx, `DELETE FROM principal WHERE id = ?`, p.ID)
}
