package system_test

import "testing"

// Requests that two parsers may read in two ways, through an Envoy that mends
// nothing. Each is an allowed request but for the trap.
func TestTraps(t *testing.T) {
	w := begin(t, wire, wireEnvoy)
	reader := key("example-reader")
	tests := []struct {
		name   string
		call   call
		status int
	}{
		{"no trap", get(host, "/tree/a", reader), 200},
		{"no trap, escaped letter", get(host, "/tree/%61", reader), 200},
		// Headers.Carried: a second line, or a comma.
		{"key twice", get(host, "/key", reader, key("example-writer")), 400},
		{"key twice, equal", get(host, "/key", reader, reader), 400},
		{"key with a comma", get(host, "/key", key("example-reader,example-writer")), 400},
		{"authorization twice", get(host, "/key", reader, bearer("a"), bearer("b")), 400},
		// Route.Unclaimed: nobody here knows bearer tokens.
		{"authorization of nobody", get(host, "/key", reader, bearer("a")), 401},
		// Snapshot.underscored.
		{"key with an underscore", get(host, "/key", reader, field{"x_api_key", "example-writer"}), 400},
		// route's canonical path, one rule each.
		{"dot segments", get(host, "/tree/../key", reader), 400},
		{"dot segment", get(host, "/./key", reader), 400},
		{"dots with a parameter", get(host, "/tree/..;/key", reader), 400},
		{"escaped dots", get(host, "/tree/%2e%2e/key", reader), 400},
		{"empty segment", get(host, "/tree//a", reader), 400},
		{"empty segment first", get(host, "//key", reader), 400},
		{"parameter", get(host, "/key;v=1", reader), 400},
		{"escaped parameter", get(host, "/key%3bv=1", reader), 400},
		{"escaped slash", get(host, "/tree/a%2Fb", reader), 400},
		{"escaped backslash", get(host, "/tree/a%5Cb", reader), 400},
		{"backslash", get(host, `/tree/a\b`, reader), 400},
		{"escaped twice", get(host, "/%256bey", reader), 400},
		{"escaped null", get(host, "/key%00", reader), 400},
		{"broken escape", get(host, "/key%", reader), 400},
		{"escaped bytes that are not UTF-8", get(host, "/tree/%ff", reader), 400},
		{"query with a broken escape", get(host, "/key?a=%", reader), 400},
		// What is another path is not that path.
		{"other case", get(host, "/KEY", reader), 403},
		{"slash at the end", get(host, "/key/", reader), 403},
		// authz.ParseHost.
		{"host in capitals, with port and dot", get("WIRE.test.:8443", "/key", reader), 200},
		{"host with a comma", get("wire.test,other.test", "/key", reader), 400},
	}
	for _, listener := range asking() {
		for _, protocol := range protocols() {
			for _, c := range tests {
				t.Run(listener+"/"+protocol.name+"/"+c.name, func(t *testing.T) {
					got := protocol.send(t, w.envoy.Address(listener), c.call)
					if got.status != c.status {
						t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
					}
				})
			}
		}
	}
}

// Go's HTTP/2 client refuses such an authority itself, so this one has a test of
// its own. The guard is authz.ParseHost.
func TestHostWithUserinfo(t *testing.T) {
	w := begin(t, wire, wireEnvoy)
	for _, listener := range asking() {
		if got := w.ask(t, listener, get("user@"+host, "/key", key("example-reader"))); got.status != 400 {
			t.Errorf("%s: got %d %s, want 400", listener, got.status, got.body)
		}
	}
}

// The shipped example keeps more away: its Envoy normalises what is clear and
// refuses the rest, so a caller without admin never reaches an admin path.
func TestProodTraps(t *testing.T) {
	w := begin(t, prood, prood+"/envoy.yaml")
	for _, path := range []string{
		"/v1/products/../admin/stats", "/v1/x/..;/admin/stats", "/v1//admin/stats", "//v1/admin/stats", "/v1/%61dmin/stats",
		"/v1/admin%2Fstats", "/v1%2fadmin/stats", `/v1\admin\stats`, "/v1/products/%2e%2e/admin/stats", "/v1/admin;a/stats", "/v1/%2561dmin/stats",
	} {
		for _, protocol := range protocols() {
			t.Run(protocol.name+path, func(t *testing.T) {
				got := protocol.send(t, w.envoy.Address(api), get(shop, path))
				if got.status != 400 && got.status != 403 {
					t.Errorf("got %d %s, want 400 or 403", got.status, got.body)
				}
			})
		}
	}
	t.Run("underscore", func(t *testing.T) {
		got := w.ask(t, api, get(shop, "/v1/products", field{"x_api_key", "pk_xxx"}))
		if got.status != 400 {
			t.Errorf("got %d, want 400", got.status)
		}
	})
}
