package main

import (
	"cmp"
	"errors"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

// router compiles host blocks and connections into the table of routes.
func (c *compiler) router() (authz.Router, summary) {
	ids := map[string]cursor{}
	spec := route.Spec{Unknown: c.unknown()}
	blocks := c.blocks(ids)
	counts := summary{authenticators: len(c.known), hosts: len(blocks)}
	for _, b := range blocks {
		spec.Hosts = append(spec.Hosts, b.spec)
		counts.routes += len(b.message.GetRoutes())
		counts.operations += len(b.spec.Rules)
	}
	for i, message := range c.message.GetConnections() {
		connection := c.connection(c.root.field("connections").index(i), message, ids)
		c.stand(connection.Route, "connections are decided each time")
		spec.Connections = append(spec.Connections, connection)
	}
	counts.connections = len(spec.Connections)
	if len(spec.Hosts)+len(spec.Connections) == 0 {
		c.refuse(c.root, fault{"nothing is declared: every request would be denied", "hosts or connections", "add a host block with its routes"})
	}
	table, err := route.New(spec)
	if err != nil {
		c.refuseRoutes(err, blocks)
		return nil, counts
	}
	return table, counts
}

func (c *compiler) blocks(ids map[string]cursor) []*block {
	var blocks []*block
	taken := map[string]cursor{}
	for i, message := range c.message.GetHosts() {
		at := c.root.field("hosts").index(i)
		if c.name(at.field("name"), message.GetName()) {
			c.unique(at.field("name"), message.GetName(), taken)
		}
		b := c.block(at, message)
		for j, declared := range message.GetRoutes() {
			c.operation(b, at.field("routes").index(j), declared, ids)
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
	for _, one := range several(err) {
		var broken *route.Error
		if !errors.As(one, &broken) {
			c.refuse(c.root.field("hosts"), fault{one.Error(), "routes that can be told apart", "correct what the message names"})
			continue
		}
		c.refuse(c.routePlace(broken, blocks), fault{broken.Detail, "", cmp.Or(broken.Mend, "correct it")})
	}
}

func (c *compiler) routePlace(broken *route.Error, blocks []*block) cursor {
	switch {
	case broken.Connection >= 0:
		return c.root.field("connections").index(broken.Connection).field("sni")
	case broken.Host < 0 || broken.Host >= len(blocks):
		return c.root.field("hosts")
	case broken.Rule < 0 || broken.Rule >= len(blocks[broken.Host].places):
		return blocks[broken.Host].at.field("match")
	default:
		return blocks[broken.Host].places[broken.Rule].field("path")
	}
}
