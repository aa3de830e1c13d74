package main

import (
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// connection compiles a declared connection of Envoy's network filter. It
// carries no header, so that nobody with a carrier can be known on it.
func (c *compiler) connection(at document.Cursor, message *configv1.Connection, ids map[string]document.Cursor) route.Connection {
	if c.name(at.Field("id"), message.GetId()) {
		c.unique(at.Field("id"), message.GetId(), ids)
	}
	var able []*authz.Configured
	for _, configured := range c.known {
		if len(configured.Carriers) == 0 {
			able = append(able, configured)
		}
	}
	accept := byClass(notAnonymous(able))
	if at.Field("accept").Written() {
		accept = c.someAccept(at.Field("accept"), message.GetAccept(), c.known)
		c.checkCarriers(at.Field("accept"), accept)
	}
	c.checkPublic(at, message.GetPublic(), accept)
	c.checkTenant(at, message.GetTenant(), accept)
	if strings.HasPrefix(message.GetTenant(), "query:") {
		c.Refuse(at.Field("tenant"), "a connection has no query", "caller or none", "write one of the two")
	}
	return route.Connection{SNI: message.GetSni(), Route: &authz.Route{
		Kind: authz.Connection, ID: message.GetId(), Claims: c.claims(at, able), Accept: accept,
		Scopes:    c.scopes(at.Field("scopes"), message.GetScopes()),
		Tenant:    c.tenant(at.Field("tenant"), message.GetTenant(), nil),
		Belonging: c.belonging(at, claimed{message.GetMembership(), "", message.GetTenant()}, accept),
		Format:    c.formats[c.message.GetDenial()],
	}}
}

func (c *compiler) checkCarriers(at document.Cursor, accept [][]*authz.Configured) {
	for _, group := range accept {
		for _, configured := range group {
			if len(configured.Carriers) > 0 {
				c.Refuse(at, fmt.Sprintf("authenticator %q reads %s, which no connection has", configured.Name, configured.Carriers[0]), "authenticators without a carrier", "take it out")
			}
		}
	}
}
