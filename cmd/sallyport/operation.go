package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/authz/tenant"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// operation compiles one declared route into one rule a method.
func (c *compiler) operation(b *block, at document.Cursor, message *configv1.Route, ids map[string]document.Cursor) {
	methods := c.methods(at, message)
	if !strings.HasPrefix(message.GetPath(), "/") {
		c.Refuse(at.Field("path"), fmt.Sprintf("path %q", message.GetPath()), "a template that begins with /", "write it as in /v1/orders/{id}")
		return
	}
	settings := c.operationSettings(b, at, message)
	remembered := c.choose(at.Field("cache"), message.GetCache(), "on", "off") == "on"
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
func (c *compiler) methods(at document.Cursor, message *configv1.Route) []string {
	if len(message.GetMethods()) == 0 {
		c.Refuse(at.Field("methods"), "no method", "at least one method", "add methods: [GET]")
	}
	var methods []string
	taken := map[string]document.Cursor{}
	for i, method := range message.GetMethods() {
		here := at.Field("methods").Index(i)
		isUpper := method != "" && !strings.ContainsFunc(method, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' })
		if method != "*" && !isUpper {
			c.Refuse(here, fmt.Sprintf("method %q", method), `upper case, as in GET, or "*"`, "write it in upper case")
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
func (c *compiler) operationSettings(b *block, at document.Cursor, message *configv1.Route) authz.Route {
	host := b.message
	accept := b.accept
	if at.Field("accept").Written() {
		accept = c.someAccept(at.Field("accept"), message.GetAccept(), b.known)
	}
	source := cmp.Or(message.GetTenant(), host.GetTenant())
	c.checkPublic(at, message.GetPublic(), accept)
	c.checkTenant(at, source, accept)
	format := b.format
	if message.GetDenial() != "" {
		format = c.format(at.Field("denial"), message.GetDenial(), "")
	}
	defaults := b.spec.NoRoute
	return authz.Route{
		Kind: authz.Operation, Host: host.GetName(), Template: message.GetPath(), Claims: b.claims, Accept: accept,
		Scopes:            c.scopes(at.Field("scopes"), message.GetScopes()),
		Tenant:            c.tenant(tenantPlace(b, at), source, params(message.GetPath())),
		Belonging:         c.belonging(at, claimed{message.GetMembership(), b.membership, source}, accept),
		Format:            format,
		Challenge:         c.challenge(at.Field("challenge"), cmp.Or(message.GetChallenge(), host.GetChallenge()), accept),
		UpstreamClaims:    b.told,
		ForwardCredential: message.GetForwardCredential(),
		EncodedSlash:      c.choose(at.Field("encoded_slash"), message.GetEncodedSlash(), "refuse", "keep") == "keep",
		MalformedStatus:   c.malformed(at.Field("malformed"), cmp.Or(message.GetMalformed(), uint32(defaults.MalformedStatus))),
		Unclaimed:         c.treatment(at.Field("unclaimed"), message.GetUnclaimed(), defaults.Unclaimed),
		UnacceptedHeader:  c.treatment(at.Field("unaccepted").Field("headers"), message.GetUnaccepted().GetHeaders(), defaults.UnacceptedHeader),
		UnacceptedCookie:  c.treatment(at.Field("unaccepted").Field("cookies"), message.GetUnaccepted().GetCookies(), defaults.UnacceptedCookie),
	}
}

// tenantPlace is where the tenant's source was written.
func tenantPlace(b *block, at document.Cursor) document.Cursor {
	if at.Field("tenant").Written() || !b.at.Field("tenant").Written() {
		return at.Field("tenant")
	}
	return b.at.Field("tenant")
}

func (c *compiler) tenant(at document.Cursor, text string, params []string) authz.TenantSource {
	source, err := tenant.Parse(text, params)
	if err != nil {
		c.Refuse(at, err.Error(), "caller, none, path:NAME or query:NAME", "write one of these; a path's NAME stands in the template")
	}
	return source
}

// checkPublic keeps a route from being open by accident, and from being closed
// although it says public.
func (c *compiler) checkPublic(at document.Cursor, public bool, accept [][]*authz.Configured) {
	open := acceptsAnonymous(accept)
	switch {
	case open && !public && c.inProduction():
		c.Refuse(at.Field("accept"), "anonymous callers are accepted in production", "public: true beside it", "add public: true, or take the anonymous authenticator out of accept")
	case public && !open && len(c.known) == len(c.message.GetAuthenticators()):
		c.Refuse(at.Field("public"), "public: true, but no anonymous authenticator is accepted", "an anonymous authenticator in accept", "add it to accept, or take public out")
	default:
		return
	}
}

// checkTenant refuses a route on which every anonymous caller would be denied:
// nobody has no tenant.
func (c *compiler) checkTenant(at document.Cursor, source string, accept [][]*authz.Configured) {
	if acceptsAnonymous(accept) && (source == "" || source == "caller") {
		c.Refuse(at.Field("tenant"), "the tenant is the caller's, and an anonymous caller has none", "tenant: none, path:NAME or query:NAME", "add tenant: none, or take the anonymous authenticator out of accept")
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
