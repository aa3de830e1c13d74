package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/authz/tenant"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// operation compiles one declared route into one rule a method.
func (c *compiler) operation(b *block, at cursor, message *configv1.Route, ids map[string]cursor) {
	methods := c.methods(at, message)
	if !strings.HasPrefix(message.GetPath(), "/") {
		c.refuse(at.field("path"), fault{fmt.Sprintf("path %q", message.GetPath()), "a template that begins with /", "write it as in /v1/orders/{id}"})
		return
	}
	settings := c.operationSettings(b, at, message)
	remembered := c.choose(at.field("cache"), message.GetCache(), "on", "off") == "on"
	for i, method := range methods {
		r := settings
		r.Method, r.ID = method, message.GetId()
		if r.ID == "" {
			r.ID = method + " " + message.GetPath()
		}
		if i == 0 || message.GetId() == "" {
			c.unique(at, r.ID, ids)
		}
		if remembered {
			c.plan(&r)
		} else {
			c.stand(&r, "its cache is off")
		}
		b.spec.Rules = append(b.spec.Rules, route.Rule{Method: method, Template: message.GetPath(), Route: &r})
		b.places = append(b.places, at)
	}
}

// methods gives those that are methods.
func (c *compiler) methods(at cursor, message *configv1.Route) []string {
	if len(message.GetMethods()) == 0 {
		c.refuse(at.field("methods"), fault{"no method", "at least one method", "add methods: [GET]"})
	}
	var methods []string
	taken := map[string]cursor{}
	for i, method := range message.GetMethods() {
		here := at.field("methods").index(i)
		isUpper := method != "" && !strings.ContainsFunc(method, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' })
		if method != "*" && !isUpper {
			c.refuse(here, fault{fmt.Sprintf("method %q", method), `upper case, as in GET, or "*"`, "write it in upper case"})
			continue
		}
		if c.unique(here, method, taken) {
			methods = append(methods, method)
		}
	}
	return methods
}

// operationSettings is what all methods of a route have in common: the route's
// own word, else the block's, else the default.
func (c *compiler) operationSettings(b *block, at cursor, message *configv1.Route) authz.Route {
	host := b.message
	accept := b.accept
	if at.field("accept").written() {
		accept = c.someAccept(at.field("accept"), message.GetAccept(), b.known)
	}
	source := cmp.Or(message.GetTenant(), host.GetTenant())
	c.checkPublic(at, message.GetPublic(), accept)
	c.checkTenant(at, source, accept)
	format := b.format
	if message.GetDenial() != "" {
		format = c.format(at.field("denial"), message.GetDenial(), "")
	}
	defaults := b.spec.NoRoute
	return authz.Route{
		Kind: authz.Operation, Host: host.GetName(), Template: message.GetPath(), Claims: b.claims, Accept: accept,
		Scopes:            c.scopes(at.field("scopes"), message.GetScopes()),
		Tenant:            c.tenant(tenantPlace(b, at), source, params(message.GetPath())),
		Format:            format,
		Challenge:         c.challenge(at.field("challenge"), cmp.Or(message.GetChallenge(), host.GetChallenge()), accept),
		ForwardCredential: message.GetForwardCredential(),
		EncodedSlash:      c.choose(at.field("encoded_slash"), message.GetEncodedSlash(), "refuse", "keep") == "keep",
		MalformedStatus:   c.malformed(at.field("malformed"), cmp.Or(message.GetMalformed(), uint32(defaults.MalformedStatus))),
		Unclaimed:         c.treatment(at.field("unclaimed"), message.GetUnclaimed(), defaults.Unclaimed),
		UnacceptedHeader:  c.treatment(at.field("unaccepted").field("headers"), message.GetUnaccepted().GetHeaders(), defaults.UnacceptedHeader),
		UnacceptedCookie:  c.treatment(at.field("unaccepted").field("cookies"), message.GetUnaccepted().GetCookies(), defaults.UnacceptedCookie),
	}
}

// tenantPlace is where the tenant's source was written.
func tenantPlace(b *block, at cursor) cursor {
	if at.field("tenant").written() || !b.at.field("tenant").written() {
		return at.field("tenant")
	}
	return b.at.field("tenant")
}

func (c *compiler) tenant(at cursor, text string, params []string) authz.TenantSource {
	source, err := tenant.Parse(text, params)
	if err != nil {
		c.refuse(at, fault{err.Error(), "caller, none, path:NAME or query:NAME", "write one of these; a path's NAME stands in the template"})
	}
	return source
}

// checkPublic keeps a route from being open by accident, and from being closed
// although it says public.
func (c *compiler) checkPublic(at cursor, public bool, accept [][]*authz.Configured) {
	open := acceptsAnonymous(accept)
	switch {
	case open && !public && c.inProduction():
		c.refuse(at.field("accept"), fault{"anonymous callers are accepted in production", "public: true beside it", "add public: true, or take the anonymous authenticator out of accept"})
	case public && !open && len(c.known) == len(c.message.GetAuthenticators()):
		c.refuse(at.field("public"), fault{"public: true, but no anonymous authenticator is accepted", "an anonymous authenticator in accept", "add it to accept, or take public out"})
	default:
		return
	}
}

// checkTenant refuses a route on which every anonymous caller would be denied:
// nobody has no tenant.
func (c *compiler) checkTenant(at cursor, source string, accept [][]*authz.Configured) {
	if acceptsAnonymous(accept) && (source == "" || source == "caller") {
		c.refuse(at.field("tenant"), fault{"the tenant is the caller's, and an anonymous caller has none", "tenant: none, path:NAME or query:NAME", "add tenant: none, or take the anonymous authenticator out of accept"})
	}
}

// params are the names in a template, in their order.
func params(template string) []string {
	var names []string
	for segment := range strings.SplitSeq(template, "/") {
		inner, isParam := strings.CutPrefix(segment, "{")
		if !isParam || !strings.HasSuffix(inner, "}") {
			continue
		}
		names = append(names, strings.TrimSuffix(strings.TrimSuffix(inner, "}"), "..."))
	}
	return slices.Compact(names)
}
