package route

import "github.com/sallyport-authz/sallyport/authz"

// Spec is what a Table is made of. The order of its lists never matters.
type Spec struct {
	Hosts       []Host
	Connections []Connection
	// Unknown stands for hosts and connections that nobody declared.
	Unknown *authz.Route
}

// Host is one host block.
type Host struct {
	Name string
	// Patterns are exact names, "*.suffix" for one or more labels, or "*".
	Patterns []string
	// NoRoute stands for every path and method of the host that has no rule.
	NoRoute *authz.Route
	// Preflight answers CORS preflights; nil treats them like any request.
	Preflight *authz.Route
	Rules     []Rule
}

// Rule is one operation: "GET" or "*", and a path template. GET answers HEAD
// where no HEAD is declared for the same path.
type Rule struct {
	Method   string
	Template string
	Route    *authz.Route
}

// Connection is one kind of connection of Envoy's network filter. SNI holds
// patterns as Host.Patterns does; "" is a connection without a server name, and
// nothing else matches one.
type Connection struct {
	SNI   []string
	Route *authz.Route
}
