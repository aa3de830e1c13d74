package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/edge"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// edges compiles the rules about the way by which a credential comes. A password is
// of use elsewhere too, and does not end by itself: it is the one that nobody may send
// in the clear unless the operator says so.
func (c *compiler) edges(at document.Cursor, message *configv1.Authenticator, kind string) []authz.Edge {
	usual, other := "any", "secure"
	if kind == "basic" {
		usual, other = other, usual
	}
	var edges []authz.Edge
	if c.choose(at.Field("transport"), message.GetTransport(), usual, other) == "secure" {
		edges = append(edges, edge.Secure{})
	}
	if at.Field("origins").Written() {
		origins, err := edge.NewOrigins(message.GetOrigins())
		if err != nil {
			c.Refuse(at.Field("origins"), err.Error(), "origins of pages", "write them as in origins: [https://dashboard.example]")
			return edges
		}
		edges = append(edges, origins)
	}
	if at.Field("csrf").Written() {
		edges = append(edges, c.csrf(at.Field("csrf"), message.GetCsrf()))
	}
	return edges
}

// csrf compiles the rule about forged requests, and gives the zero one, which admits
// nothing that changes anything, where it is refused.
func (c *compiler) csrf(at document.Cursor, message *configv1.Csrf) edge.CSRF {
	if at.Field("cookie").Written() && message.GetCookie() == "" {
		c.Refuse(at.Field("cookie"), "a cookie without a name", "the name of the cookie that the header repeats", "name it, or take cookie out: then any value of the header will do")
		return edge.CSRF{}
	}
	rule, err := edge.NewCSRF(cmp.Or(message.GetHeader(), edge.DefaultCSRFHeader), message.GetCookie())
	if err != nil {
		c.Refuse(at, err.Error(), "a header that only a page's own script sets, and a cookie's name", "write them as in csrf: {header: x-csrf-token, cookie: __Host-csrf}, or csrf: {}")
		return edge.CSRF{}
	}
	if rule.Submitted() && !strings.HasPrefix(message.GetCookie(), "__Host-") {
		c.Warn(at.Field("cookie"), "other hosts of the domain can set this cookie", "a name that begins with __Host-", "have the service call it __Host-csrf")
	}
	return rule
}

// checkPreflight warns of a block that lets the upstream allow another site's script
// the one header that would give the script away.
func (c *compiler) checkPreflight(at document.Cursor, known []*authz.Configured) {
	for _, configured := range known {
		for _, rule := range configured.Edges {
			if csrf, is := rule.(edge.CSRF); is && !csrf.Submitted() {
				c.Warn(at, fmt.Sprintf("the upstream's answer may let another site's script pass the csrf rule of %q", configured.Name), "a cookie that the header repeats", "add csrf: {cookie: __Host-csrf}, or write preflight: refuse")
			}
		}
	}
}
