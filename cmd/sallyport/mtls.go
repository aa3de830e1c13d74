package main

import (
	"crypto/x509"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/mtls"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// mtls compiles an authenticator of the certificates that proxies are shown.
func (c *compiler) mtls(at document.Cursor, message *configv1.Mtls) (kind, bool) {
	before := len(c.Problems)
	settings := mtls.Settings{
		Roots: c.roots(at.Field("roots"), message.GetRoots()), PeerValidated: message.GetPeerValidatedByEnvoy(),
		TrustDomains: message.GetTrustDomains(), Hops: message.GetForwardedBy(), Now: c.now,
		Member: authz.Caller{
			Tenant: message.GetTenant(), Role: message.GetRole(), Scopes: c.scopes(at.Field("scopes"), message.GetScopes()),
		},
	}
	for i, one := range message.GetIdentities() {
		settings.Identities = append(settings.Identities, mtls.Identity{ID: one.GetId(), Caller: authz.Caller{
			Subject: one.GetSubject(), Tenant: one.GetTenant(), Role: one.GetRole(),
			Scopes: c.scopes(at.Field("identities").Index(i).Field("scopes"), one.GetScopes()),
		}})
	}
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := mtls.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "roots, and identities or trust_domains", "write them as in roots: file:clients.pem, trust_domains: [example.org]")
		return kind{}, false
	}
	return kind{"mtls", a.Traits(), a}, true
}

func (c *compiler) roots(at document.Cursor, reference string) *x509.CertPool {
	if reference == "" {
		return nil
	}
	text, ok := c.publicPEM(at, reference)
	if !ok {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		c.Refuse(at, "no certificate in PEM", "at least one", "name the file of the authorities that issue to clients")
		return nil
	}
	return pool
}
