package main

import (
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
	if !at.Field("origins").Written() {
		return edges
	}
	origins, err := edge.NewOrigins(message.GetOrigins())
	if err != nil {
		c.Refuse(at.Field("origins"), err.Error(), "origins of pages", "write them as in origins: [https://dashboard.example]")
		return edges
	}
	return append(edges, origins)
}
