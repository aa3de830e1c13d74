package route_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

func rules(pairs ...string) []route.Rule {
	var made []route.Rule
	for i := 0; i < len(pairs); i += 2 {
		made = append(made, route.Rule{Method: pairs[i], Template: pairs[i+1], Route: operation(pairs[i] + " " + pairs[i+1])})
	}
	return made
}

func TestMostSpecificRuleWins(t *testing.T) {
	made := oneHost(t, rules(
		"*", "/{all...}", "GET", "/a/{x}", "GET", "/a/b", "POST", "/a/{x}", "GET", "/a/{x}/c", "GET", "/a/{rest...}",
		"GET", "/", "GET", "/h/x", "HEAD", "/h/x", "*", "/h/x", "GET", "/h/y", "*", "/h/y", "GET", "/s/", "GET", "/s",
	)...)
	for _, c := range []struct{ name, method, path, want string }{
		{"literal before parameter", "GET", "/a/b", "GET /a/b"},
		{"parameter before tail", "GET", "/a/z", "GET /a/{x}"},
		{"back from the literal for the method", "POST", "/a/b", "POST /a/{x}"},
		{"back from the literal for the rest", "GET", "/a/b/c", "GET /a/{x}/c"},
		{"back to the tail", "GET", "/a/b/d", "GET /a/{rest...}"},
		{"back to the root's tail", "DELETE", "/a/b/d", "* /{all...}"},
		{"root", "GET", "/", "GET /"},
		{"no tail over an empty segment", "POST", "/", "no route"},
		{"parameter over no empty segment", "GET", "/a/", "* /{all...}"},
		{"slash at the end", "GET", "/s/", "GET /s/"},
		{"no slash at the end", "GET", "/s", "GET /s"},
		{"HEAD follows GET", "HEAD", "/a/b", "GET /a/b"},
		{"declared HEAD wins", "HEAD", "/h/x", "HEAD /h/x"},
		{"HEAD follows GET before any method", "HEAD", "/h/y", "GET /h/y"},
		{"method before any method", "GET", "/h/x", "GET /h/x"},
		{"any method", "PURGE", "/h/x", "* /h/x"},
		{"methods keep their case", "get", "/h/x", "* /h/x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := verdict(t, made, request(c.method, c.path)); got != c.want {
				t.Errorf("Match(%s %s) = %s, want %s", c.method, c.path, got, c.want)
			}
		})
	}
}

// Guard: isMethod in matchRequest. Without it "GET /admin" falls to the rule
// for any method.
func TestMethodIsToken(t *testing.T) {
	made := oneHost(t, rules("*", "/x")...)
	for _, c := range []struct{ name, method, want string }{
		{"T-H4/path in the method", "GET /admin", refused},
		{"T-H4/empty", "", refused},
		{"T-H4/control character", "GET\r", refused},
		{"T-H4/beyond ASCII", "G\u00c9T", refused},
		{"token", "M-SEARCH", "* /x"},
		{"asterisk is a token", "*", "* /x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := verdict(t, made, request(c.method, "/x")); got != c.want {
				t.Errorf("Match(%q) = %s, want %s", c.method, got, c.want)
			}
		})
	}
}

func TestMatchFindsParametersAndQuery(t *testing.T) {
	made := oneHost(t, route.Rule{Method: "GET", Template: "/t/{tenant}/f/{rest...}", Route: keeping("files")})
	got, err := made.Match(request("GET", "/t/a%20b/f/x/y%2fz/?b=2&a=1&b=3"))
	if err != nil {
		t.Fatalf("Match: %v", err)
	}
	want := authz.Match{
		Route:  got.Route,
		Path:   "/t/a%20b/f/x/y%2Fz/",
		Params: []authz.Param{{Name: "tenant", Value: "a b"}, {Name: "rest", Value: "x/y%2Fz/"}},
		Query:  map[string][]string{"a": {"1"}, "b": {"2", "3"}},
	}
	if diff := cmp.Diff(want.Params, got.Params); diff != "" || got.Route.ID != "files" {
		t.Errorf("route %s, params (-want +got):\n%s", got.Route.ID, diff)
	}
	if diff := cmp.Diff([]any{want.Path, want.Query}, []any{got.Path, got.Query}); diff != "" {
		t.Errorf("path and query (-want +got):\n%s", diff)
	}
}

// Guard: the preflight branch of block.match, and b.preflight != nil in it.
func TestPreflight(t *testing.T) {
	passing := table(t, route.Host{
		Patterns: []string{"api.example"}, NoRoute: nothing("no route"), Preflight: preflight("preflight"),
		Rules: append(rules("GET", "/x", "OPTIONS", "/own", "*", "/any"),
			route.Rule{Method: "GET", Template: "/keep/{x}", Route: keeping("keep")}),
	})
	refusing := oneHost(t, rules("GET", "/x")...)
	origin, asks := authz.Header{Name: "origin", Value: "https://a.example"}, authz.Header{Name: "access-control-request-method", Value: "GET"}
	for _, c := range []struct {
		name       string
		made       *route.Table
		attributes *authz.Attributes
		want       string
	}{
		{"preflight", passing, request("OPTIONS", "/x", origin, asks), "preflight"},
		{"host does not let it pass", refusing, request("OPTIONS", "/x", origin, asks), "no route"},
		{"declared OPTIONS wins", passing, request("OPTIONS", "/own", origin, asks), "OPTIONS /own"},
		{"any method does not", passing, request("OPTIONS", "/any", origin, asks), "preflight"},
		{"no origin", passing, request("OPTIONS", "/x", asks), "no route"},
		{"no requested method", passing, request("OPTIONS", "/x", origin), "no route"},
		{"requested method is no token", passing, request("OPTIONS", "/x", origin, authz.Header{Name: asks.Name, Value: "G T"}), "no route"},
		{"another method", passing, request("DELETE", "/x", origin, asks), "no route"},
		{"plain OPTIONS on any method", passing, request("OPTIONS", "/any"), "* /any"},
		{"encoded slash that the operation keeps", passing, request("OPTIONS", "/keep/a%2Fb", origin, asks), "preflight"},
		{"encoded slash", passing, request("OPTIONS", "/x%2Fy", origin, asks), refused},
		{"ambiguous path", passing, request("OPTIONS", "/x/..", origin, asks), refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := verdict(t, c.made, c.attributes); got != c.want {
				t.Errorf("Match = %s, want %s", got, c.want)
			}
		})
	}
}

// Guard: path.slashed && !match.keeps in matchRequest.
func TestEncodedSlashOnlyWhereKept(t *testing.T) {
	made := oneHost(t, route.Rule{Method: "GET", Template: "/keep/{x}", Route: keeping("keep")},
		route.Rule{Method: "GET", Template: "/plain/{x}", Route: operation("plain")})
	for path, want := range map[string]string{
		"/keep/a%2fb": "keep", "/plain/a%2Fb": refused, "/plain%2Fb": refused, "/keep/a%252Fb": refused, "/keep/..%2F..": "keep",
	} {
		if got := verdict(t, made, request("GET", path)); got != want {
			t.Errorf("Match(%q) = %s, want %s", path, got, want)
		}
	}
}
