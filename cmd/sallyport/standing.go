package main

import (
	"github.com/sallyport-authz/sallyport/authz"
)

// standing says of an operation or a connection whether its verdicts are
// remembered.
type standing struct {
	kind authz.RouteKind
	// id is what metrics call the route, operation what a person does.
	id, operation string
	// why is the reason that nothing is remembered, or "".
	why string
	// never are the accepted authenticators whose callers are decided each time.
	never []string
}

// stand notes what becomes of a declared route's verdicts.
func (c *compiler) stand(route *authz.Route, why string) {
	words := route.Host + " " + route.Method + " " + route.Template
	switch route.Kind {
	case authz.Operation:
	case authz.Connection:
		words = "connection " + route.ID
	default:
		return
	}
	c.standings = append(c.standings, standing{route.Kind, route.ID, words, why, oneShots(route.Accept)})
}

// oneShots names the authenticators whose credentials may not be used again.
func oneShots(accept [][]*authz.Configured) []string {
	var names []string
	for _, group := range accept {
		for _, configured := range group {
			if configured.Reuse != authz.ReuseAllowed {
				names = append(names, configured.Name)
			}
		}
	}
	return names
}

// forgotten are the operations whose verdicts are not remembered.
func (s summary) forgotten() []standing {
	var all []standing
	for _, one := range s.standings {
		if one.kind == authz.Operation && one.why != "" {
			all = append(all, one)
		}
	}
	return all
}
