package route

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/sallyport-authz/sallyport/authz"
)

// New compiles a Spec. Everything that is wrong with it is reported at once, as
// joined *Error.
func New(spec Spec) (*Table, error) {
	t := &Table{
		unknown:     &block{noRoute: spec.Unknown, rules: newIndex(&node{})},
		hosts:       newNames[*block](),
		connections: newNames[*authz.Route](),
	}
	var problems []error
	if err := checkKind(spec.Unknown, authz.NothingDeclared, "unknown hosts"); err != nil {
		problems = append(problems, err)
	}
	for i, host := range spec.Hosts {
		for _, err := range t.addHost(host) {
			problems = append(problems, err.atHost(i))
		}
	}
	for i, connection := range spec.Connections {
		for _, err := range t.addConnection(connection) {
			problems = append(problems, err.atConnection(i))
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("compile routes: %w", errors.Join(problems...))
	}
	return t, nil
}

func (t *Table) addHost(host Host) []*Error {
	b := &block{noRoute: host.NoRoute, preflight: host.Preflight}
	problems := t.checkHost(host, b)
	root := &node{}
	for i, declared := range host.Rules {
		if err := root.declare(declared); err != nil {
			problems = append(problems, err.atRule(i))
		}
	}
	b.rules = newIndex(root)
	return problems
}

func (t *Table) checkHost(host Host, b *block) []*Error {
	var problems []*Error
	if len(host.Patterns) == 0 {
		problems = append(problems, wrong("host block has no pattern", "name the hosts it is for"))
	}
	if err := checkKind(host.NoRoute, authz.NothingDeclared, "paths without a rule"); err != nil {
		problems = append(problems, err)
	}
	if host.Preflight != nil {
		if err := checkKind(host.Preflight, authz.Preflight, "preflights"); err != nil {
			problems = append(problems, err)
		}
	}
	for _, pattern := range host.Patterns {
		if err := t.hosts.add(pattern, b); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

func (n *node) declare(declared Rule) *Error {
	if !isMethod(declared.Method) {
		return wrong("method "+strconv.Quote(declared.Method)+" is no token", "write a method such as GET, or *")
	}
	if err := checkKind(declared.Route, authz.Operation, "a rule"); err != nil {
		return err
	}
	read, err := parseTemplate(declared.Template)
	if err != nil {
		return err
	}
	return n.add(rule{method: declared.Method, template: read, route: declared.Route})
}

func (t *Table) addConnection(connection Connection) []*Error {
	var problems []*Error
	if len(connection.SNI) == 0 {
		problems = append(problems, wrong("connection has no server name", `list names, or "" for connections without one`))
	}
	if err := checkKind(connection.Route, authz.Connection, "a connection"); err != nil {
		problems = append(problems, err)
	}
	for _, pattern := range connection.SNI {
		if err := t.addServerName(pattern, connection.Route); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

func (t *Table) addServerName(pattern string, route *authz.Route) *Error {
	if pattern != "" {
		return t.connections.add(pattern, route)
	}
	if t.nameless != nil {
		return twice(pattern)
	}
	t.nameless = route
	return nil
}

// checkKind keeps a route from standing where its kind would mean something
// else, a preflight route under a rule above all: preflights need no caller.
func checkKind(route *authz.Route, kind authz.RouteKind, place string) *Error {
	switch {
	case route == nil:
		return wrong("no route for "+place, "")
	case route.Kind != kind:
		return wrong(fmt.Sprintf("route of kind %d stands for %s, which takes kind %d", route.Kind, place, kind), "")
	default:
		return nil
	}
}
