package main

import (
	"cmp"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/sharedsecret"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// shortestShared is what keeps guesses hopeless where nothing bounds them.
const shortestShared = 16

// sharedSecret compiles an authenticator of one service and its secret.
func (c *compiler) sharedSecret(at document.Cursor, name string, message *configv1.SharedSecret) (kind, bool) {
	before := len(c.Problems)
	settings := sharedsecret.Settings{
		Header: message.GetHeader(), Query: message.GetQuery(), Tenants: message.GetTenants(),
		Caller: authz.Caller{
			Subject: cmp.Or(message.GetSubject(), name), Tenant: message.GetTenant(), Role: message.GetRole(),
			Scopes: c.scopes(at.Field("scopes"), message.GetScopes()),
		},
	}
	for i, reference := range message.GetSecrets() {
		here := at.Field("secrets").Index(i)
		secret, err := c.secrets.resolve(reference)
		if err != nil {
			c.refuseSecret(here, err)
			continue
		}
		if len(secret) < shortestShared {
			c.Warn(here, fmt.Sprintf("a secret of %d characters", len(secret)), fmt.Sprintf("%d or more", shortestShared), "make one: openssl rand -hex 32")
		}
		settings.Secrets = append(settings.Secrets, secret)
	}
	if message.GetQuery() != "" && len(message.GetTenants()) == 0 {
		c.Refuse(at.Field("tenants"), "any tenant could be named", "the tenants that query may name", "list them, as in tenants: [acme]")
	}
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := sharedsecret.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "a header and at least one secret", "write them as in header: x-checkout-secret, secrets: [env:CHECKOUT_SECRET]")
		return kind{}, false
	}
	return kind{"sharedsecret", a.Traits(), a}, true
}
