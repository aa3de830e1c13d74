package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

func (c *change) organization(ctx context.Context, id string) (authz.Organization, error) {
	found, err := one(ctx, c.tx, organizations(` WHERE o.id = ?`), id)
	if err != nil {
		return found, fmt.Errorf("organization: %w", err)
	}
	return found, nil
}

func (c *change) putOrganization(ctx context.Context, o authz.Organization) (changed bool, err error) {
	before, err := c.organization(ctx, o.ID)
	if err != nil && !errors.Is(err, authz.ErrNotFound) {
		return false, err
	}
	if err == nil && before == o {
		return false, nil
	}
	c.object = fmt.Sprintf("organization %s", o.ID)
	c.touch(authz.TopicOrganization, o.ID)
	return true, c.do(ctx, `INSERT INTO organization (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name`, o.ID, o.Name)
}

func (c *change) removeOrganization(ctx context.Context, m authz.RemoveOrganization) error {
	if _, err := c.organization(ctx, m.ID); err != nil {
		return err
	}
	c.object, c.reason = fmt.Sprintf("organization %s", m.ID), m.Reason
	c.touch(authz.TopicOrganization, m.ID)
	if err := c.endAll(ctx, m.Reason, ` WHERE t.tenant = ? AND t.tenant <> ''`, m.ID); err != nil {
		return err
	}
	left, err := all(ctx, c.tx, members(` WHERE m.organization = ? ORDER BY m.subject`), m.ID)
	if err != nil {
		return err
	}
	for _, each := range left {
		c.touch(authz.TopicMember, each.Organization, each.Subject)
	}
	names, err := all(ctx, c.tx, domains(` WHERE d.organization = ? ORDER BY d.name`), m.ID)
	if err != nil {
		return err
	}
	for _, each := range names {
		c.touch(authz.TopicDomain, each.Name)
	}
	for _, statement := range []string{
		`DELETE FROM member WHERE organization = ?`,
		`DELETE FROM domain WHERE organization = ?`,
		`DELETE FROM organization WHERE id = ?`,
	} {
		if err := c.do(ctx, statement, m.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) member(ctx context.Context, organization, subject string) (authz.Membership, error) {
	return one(ctx, c.tx, members(` WHERE m.organization = ? AND m.subject = ?`), organization, subject)
}

func (c *change) nameMember(organization, subject string) {
	c.object = fmt.Sprintf("member %s of %s", subject, organization)
	c.touch(authz.TopicMember, organization, subject)
}

func (c *change) putMember(ctx context.Context, m authz.Membership) (changed bool, err error) {
	if _, err := c.organization(ctx, m.Organization); err != nil {
		return false, err
	}
	before, err := c.member(ctx, m.Organization, m.Subject)
	if err != nil && !errors.Is(err, authz.ErrNotFound) {
		return false, err
	}
	if err == nil && before.Role == m.Role && slices.Equal(before.Scopes, m.Scopes) {
		return false, nil
	}
	scopes, err := encoded(m.Scopes, len(m.Scopes))
	if err != nil {
		return false, err
	}
	c.nameMember(m.Organization, m.Subject)
	return true, c.do(ctx, `INSERT INTO member (organization, subject, role, scopes) VALUES (?, ?, ?, ?)
		ON CONFLICT (organization, subject) DO UPDATE SET role = excluded.role, scopes = excluded.scopes`,
		m.Organization, m.Subject, m.Role, scopes)
}

func (c *change) removeMember(ctx context.Context, m authz.RemoveMember) error {
	if _, err := c.member(ctx, m.Organization, m.Subject); err != nil {
		return err
	}
	c.nameMember(m.Organization, m.Subject)
	return c.do(ctx, `DELETE FROM member WHERE organization = ? AND subject = ?`, m.Organization, m.Subject)
}

func (c *change) domain(ctx context.Context, name string) (authz.Domain, error) {
	return one(ctx, c.tx, domains(` WHERE d.name = ?`), name)
}

func (c *change) nameDomain(name string) {
	c.object = fmt.Sprintf("domain %s", name)
	c.touch(authz.TopicDomain, name)
}

func (c *change) putDomain(ctx context.Context, d authz.Domain) (changed bool, err error) {
	if _, err := c.organization(ctx, d.Organization); err != nil {
		return false, err
	}
	before, err := c.domain(ctx, d.Name)
	switch {
	case errors.Is(err, authz.ErrNotFound):
	case err != nil:
		return false, err
	case before == d:
		return false, nil
	case before.Verified && before.Organization != d.Organization:
		return false, fmt.Errorf("%w: the domain is another organization's", authz.ErrExists)
	}
	c.nameDomain(d.Name)
	return true, c.do(ctx, `INSERT INTO domain (name, organization, verified) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET organization = excluded.organization, verified = excluded.verified`,
		d.Name, d.Organization, d.Verified)
}

func (c *change) removeDomain(ctx context.Context, m authz.RemoveDomain) error {
	if _, err := c.domain(ctx, m.Name); err != nil {
		return err
	}
	c.nameDomain(m.Name)
	return c.do(ctx, `DELETE FROM domain WHERE name = ?`, m.Name)
}
