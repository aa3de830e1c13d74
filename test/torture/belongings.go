package main

import (
	"context"
	"errors"
	"fmt"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// found makes the organization that is named like the caller.
func (c *contestant) found(ctx context.Context) error {
	if _, err := c.client.PutOrganization(ctx, &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: c.name}}); err != nil {
		return fmt.Errorf("put organization: %w", err)
	}
	return nil
}

// dissolve removes it, with its members, domains and tokens.
func (c *contestant) dissolve(ctx context.Context) error {
	_, err := c.client.RemoveOrganization(ctx, &adminv1.RemoveOrganizationRequest{Id: c.name, Reason: "gone"})
	return err
}

// join makes the caller a member of it, or changes what they may do there. Without
// scopes that is all that their token may.
func (c *contestant) join(ctx context.Context, scopes ...string) error {
	if _, err := c.client.PutMember(ctx, &adminv1.PutMemberRequest{Membership: &adminv1.Membership{Organization: c.name, Subject: c.name, Scopes: scopes}}); err != nil {
		return fmt.Errorf("put member: %w", err)
	}
	return nil
}

// claim makes a token of the organization, and asks with it where only members pass.
func (c *contestant) claim(ctx context.Context) error {
	c.path = "/member"
	if err := c.found(ctx); err != nil {
		return err
	}
	_, err := c.mint(ctx, "pfy_", "", c.name)
	return err
}

func removedMember(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error {
		_, err := c.client.RemoveMember(ctx, &adminv1.RemoveMemberRequest{Organization: c.name, Subject: c.name})
		return err
	}, errors.Join(c.claim(ctx), c.join(ctx))
}

func cutMember(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { return c.join(ctx, "write") }, errors.Join(c.claim(ctx), c.join(ctx, "read"))
}

func addedMember(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { return c.join(ctx) }, c.claim(ctx)
}

func widenedMember(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { return c.join(ctx, "write", "read") }, errors.Join(c.claim(ctx), c.join(ctx, "write"))
}

// own gives the organization a domain, or changes it.
func (c *contestant) own(ctx context.Context, verified bool) error {
	if _, err := c.client.PutDomain(ctx, &adminv1.PutDomainRequest{Domain: &adminv1.Domain{Name: c.host, Organization: c.name, Verified: verified}}); err != nil {
		return fmt.Errorf("put domain: %w", err)
	}
	return nil
}

// visit makes the organization, and asks for a domain, showing nothing.
func (c *contestant) visit(ctx context.Context) error {
	c.host, c.path = c.name+".example.net", "/shop"
	return c.found(ctx)
}

// open visits a domain that the organization has.
func (c *contestant) open(ctx context.Context, verified bool) error {
	return errors.Join(c.visit(ctx), c.own(ctx, verified))
}

func addedDomain(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { return c.own(ctx, true) }, c.visit(ctx)
}

func removedDomain(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error {
		_, err := c.client.RemoveDomain(ctx, &adminv1.RemoveDomainRequest{Name: c.host})
		return err
	}, c.open(ctx, true)
}

func unverifiedDomain(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { return c.own(ctx, false) }, c.open(ctx, true)
}

func verifiedDomain(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { return c.own(ctx, true) }, c.open(ctx, false)
}

func removedShop(ctx context.Context, c *contestant) (turn, error) {
	return c.dissolve, c.open(ctx, true)
}
