package route_test

import (
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

func nothing(id string) *authz.Route {
	return &authz.Route{Kind: authz.NothingDeclared, ID: id}
}

func operation(id string) *authz.Route {
	return &authz.Route{Kind: authz.Operation, ID: id}
}

func keeping(id string) *authz.Route {
	return &authz.Route{Kind: authz.Operation, ID: id, EncodedSlash: true}
}

func preflight(id string) *authz.Route {
	return &authz.Route{Kind: authz.Preflight, ID: id}
}

func connection(id string) *authz.Route {
	return &authz.Route{Kind: authz.Connection, ID: id}
}

// get declares GET operations whose ids are their templates.
func get(templates ...string) []route.Rule {
	var rules []route.Rule
	for _, template := range templates {
		rules = append(rules, route.Rule{Method: "GET", Template: template, Route: operation(template)})
	}
	return rules
}

// oneHost makes a table with the one host api.example.
func oneHost(t testing.TB, rules ...route.Rule) *route.Table {
	t.Helper()
	return table(t, route.Host{Patterns: []string{"api.example"}, NoRoute: nothing("no route"), Rules: rules})
}

func table(t testing.TB, hosts ...route.Host) *route.Table {
	t.Helper()
	made, err := route.New(route.Spec{Hosts: hosts, Unknown: nothing("unknown")})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return made
}

func request(method, path string, headers ...authz.Header) *authz.Attributes {
	return &authz.Attributes{Request: &authz.Request{
		Method: method, Host: "api.example", Path: path, Headers: authz.Headers{List: headers},
	}}
}
