package system_test

import (
	"strings"
	"testing"
)

const host = "wire.test"

// asking are the listeners that ask over TCP, over TCP with joined headers, and
// over the Unix socket.
func asking() []string { return []string{"raw", "joined", "socket"} }

func TestWire(t *testing.T) {
	w := begin(t, wire, wireEnvoy)
	for _, listener := range asking() {
		for _, protocol := range protocols() {
			t.Run(listener+"/"+protocol.name, func(t *testing.T) {
				send := func(t *testing.T, c call) reply { t.Helper(); return protocol.send(t, w.envoy.Address(listener), c) }
				testRequests(t, send)
				testForged(t, send)
				testBody(t, send)
				testExtension(t, send)
				t.Run("request id is the record's", func(t *testing.T) { testRequestID(t, w, send) })
			})
		}
	}
}

func testRequests(t *testing.T, send func(*testing.T, call) reply) {
	t.Helper()
	tests := []struct {
		name   string
		call   call
		status int
		body   string
	}{
		{"known", get(host, "/key", key("example-reader")), 200, ""},
		{"nobody", get(host, "/key"), 401, `{"code":"unauthenticated"}`},
		{"unknown", get(host, "/key", key("example-nobody")), 401, `{"code":"rejected"}`},
		{"out of scope", post(host, "/big", key("example-reader")), 403, `{"code":"scope"}`},
		{"undeclared, known", get(host, "/nowhere", key("example-reader")), 403, `{"code":"no_route"}`},
		{"undeclared, nobody", get(host, "/nowhere"), 401, `{"code":"unauthenticated"}`},
		{"another host", get("other.test", "/open"), 401, `{"code":"unauthenticated"}`},
		{"method undeclared", call{method: "DELETE", host: host, path: "/key", headers: []field{key("example-reader")}}, 403, `{"code":"no_route"}`},
		// The guard is the timeout of one evaluation.
		{"rule that never ends", get(host, "/key", key("example-reader"), field{"x-slow", "1"}), 503, `{"code":"unavailable"}`},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got := send(t, c.call)
			if c.status == 200 {
				passes(t, got)
				return
			}
			refused(t, got, c.status, c.body)
		})
	}
}

// testForged: the guards are Envoy's early mutation on every route, and on those
// that Sallyport is asked about changes.drop besides.
func testForged(t *testing.T, send func(*testing.T, call) reply) {
	t.Helper()
	forged := []field{
		{"x-authz-subject", "root"},
		{"X-Authz-Tenant", "B"},
		{"x-authz-scopes", "write"},
		{"x-authz-unknown", "1"},
		{"x_authz_role", "admin"},
	}
	for _, path := range []string{"/key", "/off"} {
		t.Run("forged identity on "+path, func(t *testing.T) {
			got := send(t, get(host, path, append(forged, key("example-reader"))...))
			passes(t, got)
			if got.seen == nil {
				t.FailNow()
			}
			want := map[string]string{}
			if path == "/key" {
				want = map[string]string{"x-authz-subject": "reader", "x-authz-scopes": "read", "x-authz-kind": "key", "x-authz-token-id": "reader"}
			}
			onlyIdentity(t, got, want)
		})
	}
}

// onlyIdentity checks that the upstream saw these x-authz-* and no other.
func onlyIdentity(t *testing.T, got reply, want map[string]string) {
	t.Helper()
	for name := range got.seen.Headers {
		if plain := strings.ReplaceAll(name, "_", "-"); strings.HasPrefix(plain, "x-authz-") && got.upstream(name) != want[name] {
			t.Errorf("upstream saw %s: %s, want %q", name, got.upstream(name), want[name])
		}
	}
	for name, value := range want {
		if got.upstream(name) != value {
			t.Errorf("upstream saw %s: %q, want %q", name, got.upstream(name), value)
		}
	}
}

// testBody: the guard is the reading of x-envoy-auth-partial-body, and for a
// body that fills the buffer exactly max_request_bytes.
func testBody(t *testing.T, send func(*testing.T, call) reply) {
	t.Helper()
	const limit = 1024
	tests := []struct {
		name, body string
		status     int
	}{
		{"whole", strings.Repeat("a", limit-1), 200},
		{"whole and forbidden", "this is forbidden", 403},
		{"fills the buffer", strings.Repeat("a", limit), 403},
		{"truncated", strings.Repeat("a", 3*limit), 403},
		{"forbidden behind the cut", strings.Repeat("a", 3*limit) + "forbidden", 403},
		{"absent", "", 403},
	}
	for _, c := range tests {
		t.Run("body/"+c.name, func(t *testing.T) {
			request := post(host, "/body")
			request.body = c.body
			got := send(t, request)
			if got.status != c.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
			}
			if got.seen != nil && got.seen.BodyLength != len(c.body) {
				t.Errorf("upstream got %d bytes, want %d", got.seen.BodyLength, len(c.body))
			}
		})
	}
}

// testExtension: what the route says reaches the policy, and a client cannot
// say it.
func testExtension(t *testing.T, send func(*testing.T, call) reply) {
	t.Helper()
	t.Run("context extension", func(t *testing.T) {
		passes(t, send(t, get(host, "/extension/gold")))
		refused(t, send(t, get(host, "/extension/none", field{"tier", "gold"})), 403, `{"code":"policy"}`)
	})
}

func testRequestID(t *testing.T, w *world, send func(*testing.T, call) reply) {
	t.Helper()
	for _, c := range []call{get(host, "/open"), get(host, "/key")} {
		got := send(t, c)
		id := got.header.Get("X-Request-Id")
		if got.seen != nil && got.upstream("x-request-id") != id {
			t.Errorf("upstream saw request id %q, want %q", got.upstream("x-request-id"), id)
		}
		record, err := w.sallyport.Record(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if record.Result.Allow != (got.status == 200) {
			t.Errorf("the record says allow %v, the status %d", record.Result.Allow, got.status)
		}
	}
}
