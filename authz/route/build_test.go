package route_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

func TestTemplateErrors(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"empty", "", "no leading slash"},
		{"no leading slash", "v1", "no leading slash"},
		{"two slashes", "//v1", "matches no request"},
		{"dot segment", "/a/../b", "matches no request"},
		{"semicolon", "/a;b", "matches no request"},
		{"backslash", `/a\b`, "matches no request"},
		{"control character", "/a\n", "matches no request"},
		{"not UTF-8", "/\xff", "matches no request"},
		{"escape", "/a%20b", "escape"},
		{"encoded slash", "/a%2Fb", "escape"},
		{"query", "/a?b", "query or fragment"},
		{"fragment", "/a#b", "query or fragment"},
		{"asterisk", "/a/*", "wildcard"},
		{"part of a segment", "/a/{id}.json", "brace"},
		{"open brace", "/a/{id", "brace"},
		{"close brace", "/a/id}", "brace"},
		{"no name", "/a/{}", "is no name"},
		{"tail without a name", "/a/{...}", "is no name"},
		{"name of other characters", "/a/{a-b}", "is no name"},
		{"name that starts with a digit", "/a/{1a}", "is no name"},
		{"nested braces", "/a/{{id}}", "is no name"},
		{"tail within", "/a/{rest...}/b", "not at the end"},
		{"same name twice", "/{a}/{a}", "two parameters called a"},
		{"same name in the tail", "/{a}/{a...}", "two parameters called a"},
		{"too long", "/" + strings.Repeat("a", 8<<10), "more than 8192 bytes"},
		{"too many segments", strings.Repeat("/a", 65), "more than 64 segments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantProblem(t, route.Host{
				Patterns: []string{"api.example"}, NoRoute: nothing("no route"),
				Rules: append(get("/fine"), get(c.template)...),
			}, &route.Error{Host: 0, Rule: 1, Connection: -1, Detail: c.want})
		})
	}
}

// Guards: addRule, names.add and checkKind. Without the first two the order of
// declaration decides; without the third a preflight route, which needs no
// caller, may stand under an operation.
func TestHostErrors(t *testing.T) {
	fine := route.Host{Patterns: []string{"api.example"}, NoRoute: nothing("no route")}
	for _, c := range []struct {
		name   string
		change func(*route.Host)
		rule   int
		want   string
	}{
		{"same shape and method", func(h *route.Host) { h.Rules = get("/a/{x}/b", "/a/{y}/b") }, 1, `GET "/a/{x}/b" and "/a/{y}/b" match the same paths`},
		{"same tail", func(h *route.Host) { h.Rules = get("/a/{x...}", "/b", "/a/{y...}") }, 2, `GET "/a/{x...}" and "/a/{y...}" match the same paths`},
		{"method is no token", func(h *route.Host) { h.Rules = get("/a"); h.Rules[0].Method = "GET /" }, 0, "is no token"},
		{"rule without a route", func(h *route.Host) { h.Rules = get("/a"); h.Rules[0].Route = nil }, 0, "no route for a rule"},
		{"preflight under a rule", func(h *route.Host) { h.Rules = get("/a"); h.Rules[0].Route = preflight("p") }, 0, "route of kind 2"},
		{"operation for all paths", func(h *route.Host) { h.NoRoute = operation("o") }, -1, "route of kind 1"},
		{"operation as preflight", func(h *route.Host) { h.Preflight = operation("o") }, -1, "route of kind 1"},
		{"no route for no route", func(h *route.Host) { h.NoRoute = nil }, -1, "no route for paths without a rule"},
		{"no pattern", func(h *route.Host) { h.Patterns = nil }, -1, "has no pattern"},
		{"pattern twice", func(h *route.Host) { h.Patterns = []string{"*.a", "*.a"} }, -1, "stands twice"},
		{"all twice", func(h *route.Host) { h.Patterns = []string{"*", "*"} }, -1, "stands twice"},
		{"upper case", func(h *route.Host) { h.Patterns = []string{"API.example"} }, -1, "matches no host"},
		{"port", func(h *route.Host) { h.Patterns = []string{"api.example:80"} }, -1, "matches no host"},
		{"empty", func(h *route.Host) { h.Patterns = []string{""} }, -1, "matches no host"},
		{"asterisk within", func(h *route.Host) { h.Patterns = []string{"a.*.example"} }, -1, "matches no host"},
		{"asterisk as part of a label", func(h *route.Host) { h.Patterns = []string{"*api.example"} }, -1, "matches no host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			host := fine
			c.change(&host)
			wantProblem(t, host, &route.Error{Host: 0, Rule: c.rule, Connection: -1, Detail: c.want})
		})
	}
}

func wantProblem(t *testing.T, host route.Host, want *route.Error) {
	t.Helper()
	_, err := route.New(route.Spec{Hosts: []route.Host{host}, Unknown: nothing("unknown")})
	var got *route.Error
	if !errors.As(err, &got) {
		t.Fatalf("New: error %v, want a *route.Error", err)
	}
	if !strings.Contains(got.Detail, want.Detail) {
		t.Errorf("detail %q, want one with %q", got.Detail, want.Detail)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(route.Error{}, "Detail", "Mend")); diff != "" {
		t.Errorf("place (-want +got):\n%s", diff)
	}
}

func TestConnectionErrors(t *testing.T) {
	for _, c := range []struct {
		name       string
		connection route.Connection
		want       string
	}{
		{"no server name", route.Connection{Route: connection("c")}, "no server name"},
		{"name twice", route.Connection{SNI: []string{"a", "a"}, Route: connection("c")}, "stands twice"},
		{"nameless twice", route.Connection{SNI: []string{"", ""}, Route: connection("c")}, "stands twice"},
		{"no host name", route.Connection{SNI: []string{"A"}, Route: connection("c")}, "matches no host"},
		{"operation", route.Connection{SNI: []string{"a"}, Route: operation("o")}, "route of kind 1"},
		{"no route", route.Connection{SNI: []string{"a"}}, "no route"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := route.New(route.Spec{Connections: []route.Connection{c.connection}, Unknown: nothing("unknown")})
			var got *route.Error
			if !errors.As(err, &got) || got.Connection != 0 || got.Host != -1 || !strings.Contains(got.Detail, c.want) {
				t.Errorf("New: error %#v, want connection 0 and %q", got, c.want)
			}
		})
	}
}

func TestEveryErrorIsReported(t *testing.T) {
	host := route.Host{Patterns: []string{"api.example"}, NoRoute: nothing("no route"), Rules: get("a", "/b;")}
	_, err := route.New(route.Spec{Hosts: []route.Host{blockFor("a", "api.example"), host}, Unknown: operation("o")})
	if err == nil {
		t.Fatal("New: no error")
	}
	for _, want := range []string{"unknown hosts", "host 2: host pattern", "host 2: rule 1: path", "host 2: rule 2: path"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("New: error without %q:\n%v", want, err)
		}
	}
}

// A Spec without a route for unknown hosts would leave Match without a route.
func TestZeroSpecIsRefused(t *testing.T) {
	if _, err := route.New(route.Spec{}); err == nil {
		t.Error("New(Spec{}): no error")
	}
	if _, err := route.New(route.Spec{Unknown: &authz.Route{}}); err != nil {
		t.Errorf("New with a route for unknown hosts only: %v", err)
	}
}
