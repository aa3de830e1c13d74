package main

import (
	"github.com/sallyport-authz/sallyport/authz/authn/host"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// hostTenant gives the authenticator that knows a tenant by its host, which others name:
// it is built once, and what is wrong with it told once.
func (c *compiler) hostTenant(at document.Cursor, settings *configv1.HostTenant) (kind, bool) {
	made, there := c.hosts[settings]
	if !there {
		made.kind, made.ok = c.newHostTenant(at, settings)
		if c.hosts == nil {
			c.hosts = map[*configv1.HostTenant]madeKind{}
		}
		c.hosts[settings] = made
	}
	return made.kind, made.ok
}

// madeKind is a kind, or that it was refused.
type madeKind struct {
	kind kind
	ok   bool
}

func (c *compiler) newHostTenant(at document.Cursor, settings *configv1.HostTenant) (kind, bool) {
	before := len(c.Problems)
	tenants := make([]host.Tenant, len(settings.GetTenants()))
	for i, owner := range settings.GetTenants() {
		here := at.Field("tenants").Index(i)
		if owner.GetTenant() == "" {
			c.Refuse(here, "no tenant", "the tenant that these hosts stand for", "add tenant: with its id")
		}
		tenants[i] = host.Tenant{Tenant: owner.GetTenant(), Slug: owner.GetSlug()}
		for _, domain := range owner.GetDomains() {
			tenants[i].Domains = append(tenants[i].Domains, host.Domain{Name: domain.GetName(), Verified: domain.GetVerified()})
		}
	}
	scopes := c.scopes(at.Field("scopes"), settings.GetScopes())
	var domains host.Domains
	if settings.GetStore() {
		c.needStore(at.Field("store"))
		domains = c.process.vault
	}
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := host.New(host.Settings{
		Platform: settings.GetPlatform(), Reserved: settings.GetReserved(), Scopes: scopes, Tenants: tenants, Domains: domains,
	})
	if err != nil {
		c.Refuse(at, err.Error(), "hosts and slugs that stand for one tenant each", "correct the tenant, slug or domain that the message names")
		return kind{}, false
	}
	return kind{kindHost, a.Traits(), a}, true
}
