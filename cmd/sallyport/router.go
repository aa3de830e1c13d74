package main

import (
	"cmp"
	"errors"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// router compiles host blocks and connections into the table of routes.
func (c *compiler) router() (authz.Router, summary) {
	ids := map[string]document.Cursor{}
	spec := route.Spec{Unknown: c.unknown()}
	blocks := c.blocks(ids)
	counts := summary{authenticators: len(c.known), hosts: len(blocks)}
	for _, b := range blocks {
		spec.Hosts = append(spec.Hosts, b.spec)
		counts.routes += len(b.message.GetRoutes())
		counts.operations += len(b.spec.Rules)
	}
	for i, message := range c.message.GetConnections() {
		connection := c.connection(c.root.Field("connections").Index(i), message, ids)
		c.stand(connection.Route, "connections are decided each time")
		spec.Connections = append(spec.Connections, connection)
	}
	counts.connections = len(spec.Connections)
	if len(spec.Hosts)+len(spec.Connections) == 0 {
		c.Refuse(c.root, "nothing is declared: every request would be denied", "hosts or connections", "add a host block with its routes")
	}
	table, err := route.New(spec)
	if err != nil {
		c.refuseRoutes(err, blocks)
		return nil, counts
	}
	return table, counts
}

func (c *compiler) blocks(ids map[string]document.Cursor) []*block {
	var blocks []*block
	taken := map[string]document.Cursor{}
	for i, message := range c.message.GetHosts() {
		at := c.root.Field("hosts").Index(i)
		if c.name(at.Field("name"), message.GetName()) {
			c.unique(at.Field("name"), message.GetName(), taken)
		}
		b := c.block(at, message)
		for j, declared := range message.GetRoutes() {
			c.operation(b, at.Field("routes").Index(j), declared, ids)
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// unknown answers for hosts that nobody declared: it accepts none, so that the
// answer is 401 whatever the request carries.
func (c *compiler) unknown() *authz.Route {
	return &authz.Route{
		Kind: authz.NothingDeclared, Claims: c.claims(c.root, nil), Format: c.formats[c.message.GetDenial()],
	}
}

// refuseRoutes puts each of the table's errors where its cause is written.
func (c *compiler) refuseRoutes(err error, blocks []*block) {
	for _, one := range document.Several(err) {
		var broken *route.Error
		if !errors.As(one, &broken) {
			c.Refuse(c.root.Field("hosts"), one.Error(), "routes that can be told apart", "correct what the message names")
			continue
		}
		c.Refuse(c.routePlace(broken, blocks), broken.Detail, "", cmp.Or(broken.Mend, "correct it"))
	}
}

func (c *compiler) routePlace(broken *route.Error, blocks []*block) document.Cursor {
	switch {
	case broken.Connection >= 0:
		return c.root.Field("connections").Index(broken.Connection).Field("sni")
	case broken.Host < 0 || broken.Host >= len(blocks):
		return c.root.Field("hosts")
	case broken.Rule < 0 || broken.Rule >= len(blocks[broken.Host].places):
		return blocks[broken.Host].at.Field("match")
	default:
		return blocks[broken.Host].places[broken.Rule].Field("path")
	}
}
