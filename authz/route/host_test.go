package route_test

import (
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

func blockFor(id string, patterns ...string) route.Host {
	return route.Host{Name: id, Patterns: patterns, NoRoute: nothing(id)}
}

func TestMostSpecificHostWins(t *testing.T) {
	made := table(t, blockFor("all", "*"), blockFor("suffix", "*.example"), blockFor("longer", "*.b.example", "*.c.example"),
		blockFor("exact", "a.b.example", "[::1]"))
	few := table(t, blockFor("suffix", "*.example"))
	for _, c := range []struct {
		name string
		made *route.Table
		host string
		want string
	}{
		{"exact", made, "a.b.example", "exact"},
		{"address", made, "[::1]", "exact"},
		{"longest suffix", made, "x.b.example", "longer"},
		{"longest suffix, two labels", made, "x.y.c.example", "longer"},
		{"suffix", made, "b.example", "suffix"},
		{"suffix is no host of its own", made, "example", "all"},
		{"suffix ends at a label", made, "badexample", "all"},
		{"all", made, "other.test", "all"},
		{"unknown", few, "other.test", "unknown"},
		{"suffix itself is unknown", few, "example", "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			attributes := request("GET", "/")
			attributes.Request.Host = c.host
			if got := verdict(t, c.made, attributes); got != c.want {
				t.Errorf("Match on %s = %s, want %s", c.host, got, c.want)
			}
		})
	}
}

// Guard: request.Host == "" in matchRequest. Without it a block for all hosts
// answers a request that names none.
func TestEmptyHostIsAmbiguous(t *testing.T) {
	made := table(t, blockFor("all", "*"))
	attributes := request("GET", "/")
	attributes.Request.Host = ""
	match, _ := made.Match(attributes)
	if got := verdict(t, made, attributes); got != refused || match.Route.ID != "unknown" {
		t.Errorf("Match = %s with route %s, want %s with unknown", got, match.Route.ID, refused)
	}
}

// The route beside an error is the host's own, so that the denial has its format.
func TestAmbiguousRequestHasHostsRoute(t *testing.T) {
	made := table(t, blockFor("host", "api.example"))
	for _, c := range []struct{ name, host, want string }{{"known", "api.example", "host"}, {"unknown", "other", "unknown"}} {
		attributes := request("GET", "/..")
		attributes.Request.Host = c.host
		match, err := made.Match(attributes)
		if err == nil || match.Route.ID != c.want {
			t.Errorf("%s host: route %s, error %v, want route %s and an error", c.name, match.Route.ID, err, c.want)
		}
	}
}

func TestConnections(t *testing.T) {
	declared, err := route.New(route.Spec{Unknown: nothing("unknown"), Connections: []route.Connection{
		{SNI: []string{"db.example"}, Route: connection("exact")},
		{SNI: []string{"*.example"}, Route: connection("suffix")},
		{SNI: []string{"*"}, Route: connection("all")},
	}})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	nameless, err := route.New(route.Spec{Unknown: nothing("unknown"), Connections: []route.Connection{
		{SNI: []string{""}, Route: connection("nameless")},
	}})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	for _, c := range []struct {
		name string
		made *route.Table
		sni  string
		want string
	}{
		{"exact", declared, "db.example", "exact"},
		{"any case, dot at the end", declared, "DB.Example.", "exact"},
		{"suffix", declared, "x.example", "suffix"},
		{"all", declared, "other", "all"},
		{"T-H6/no name and none declared for it", declared, "", "unknown"},
		{"no name", nameless, "", "nameless"},
		{"name where only nameless ones are declared", nameless, "db.example", "unknown"},
		{"T-H6/none declared", table(t), "db.example", "unknown"},
		{"port", declared, "db.example:443", refused},
		{"no host name", declared, "a,b", refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			attributes := &authz.Attributes{Peer: authz.Peer{SNI: c.sni}}
			if got := verdict(t, c.made, attributes); got != c.want {
				t.Errorf("Match with SNI %q = %s, want %s", c.sni, got, c.want)
			}
		})
	}
}

func TestNoAttributesIsAmbiguous(t *testing.T) {
	if got := verdict(t, table(t), nil); got != refused {
		t.Errorf("Match(nil) = %s, want %s", got, refused)
	}
}
