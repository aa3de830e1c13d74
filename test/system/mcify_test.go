package system_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const mcp = "mcp.mcify.test"

// rpcError is the body that the example's denials have.
func rpcError(message string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":%q}}`, message)
}

func bearer(token string) field { return field{"authorization", "Bearer " + token} }

func TestMcify(t *testing.T) {
	w := beginMcify(t)
	ask := func(t *testing.T, c call) reply { t.Helper(); return w.ask(t, "raw", c) }

	t.Run("C01", func(t *testing.T) { testCredentialStops(t, ask) })
	t.Run("C02", func(t *testing.T) { testNothingIsAdded(t, ask) })
	t.Run("C03", w.testStaticBearer)
	t.Run("C04", w.testTokenByReference)
	t.Run("C05", w.testNearBearer)
	t.Run("C08", func(t *testing.T) {
		passes(t, ask(t, post(mcp, "/mcp", key("example-agent"))))
		refused(t, ask(t, post(mcp, "/mcp")), 401, rpcError("Missing x-api-key header"))
		refused(t, ask(t, post(mcp, "/mcp", key("example-agen"))), 401, rpcError("Invalid API key"))
		refused(t, ask(t, post(mcp, "/mcp", key("two words"))), 401, rpcError("Invalid API key"))
	})
	t.Run("C09", func(t *testing.T) {
		for _, name := range []string{"X-Partner", "x-partner", "X-PARTNER"} {
			got := ask(t, post(mcp, "/partner", field{name, "example-partner"}))
			passes(t, got)
			if got.upstream("x-authz-subject") != "partner-1" || got.upstream("x-partner") != "" {
				t.Errorf("upstream saw %v", got.seen)
			}
		}
		refused(t, ask(t, post(mcp, "/partner")), 401, rpcError("Missing X-Partner header"))
		// The guard is Headers.Carried: two lines are Repeated in both encodings.
		for _, listener := range []string{"raw", "joined"} {
			for _, second := range []string{"other", "example-agent"} {
				if got := w.ask(t, listener, post(mcp, "/mcp", key("example-agent"), key(second))); got.status != 400 {
					t.Errorf("%s: two keys, second %s: got %d, want 400", listener, second, got.status)
				}
			}
		}
	})
	t.Run("C36", func(t *testing.T) {
		got := ask(t, post(mcp, "/public"))
		passes(t, got)
		if kind, subject := got.upstream("x-authz-kind"), got.upstream("x-authz-subject"); kind != "none" || subject != "" {
			t.Errorf("upstream saw kind %q, subject %q; want none and nobody", kind, subject)
		}
	})
}

// testCredentialStops: the guard is Snapshot.strip.
func testCredentialStops(t *testing.T, ask func(*testing.T, call) reply) {
	t.Helper()
	tests := []struct {
		name       string
		call       call
		subject    string
		credential string
		want       string
	}{
		{"key stripped", post(mcp, "/mcp", key("example-agent")), "agent-1", "x-api-key", ""},
		{"bearer stripped", post(mcp, "/bearer", bearer("example-bearer")), "bearer-1", "authorization", ""},
		{"bearer forwarded", post(mcp, "/forward", bearer("example-bearer")), "bearer-1", "authorization", "Bearer example-bearer"},
		{"key forwarded", post(mcp, "/forward", key("example-agent")), "agent-1", "x-api-key", "example-agent"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got := ask(t, c.call)
			passes(t, got)
			if got.upstream("x-authz-subject") != c.subject || got.upstream(c.credential) != c.want {
				t.Errorf("upstream saw subject %q, %s %q; want %q, %q",
					got.upstream("x-authz-subject"), c.credential, got.upstream(c.credential), c.subject, c.want)
			}
		})
	}
}

// testNothingIsAdded lists every name that may reach the upstream: the client's
// own, those that Envoy is known to add, and the documented x-authz-*.
func testNothingIsAdded(t *testing.T, ask func(*testing.T, call) reply) {
	t.Helper()
	client := []string{"accept", "x-trace", "content-length"}
	envoy := []string{"x-forwarded-for", "x-forwarded-proto", "x-request-id", "x-envoy-internal", "x-envoy-expected-rq-timeout-ms", "x-envoy-external-address"}
	ours := []string{"x-authz-subject", "x-authz-kind", "x-authz-token-id"}
	got := ask(t, post(mcp, "/mcp", key("example-agent"), field{"accept", "text/plain"}, field{"x-trace", "1"}))
	passes(t, got)
	if got.seen == nil {
		t.FailNow()
	}
	for name, values := range got.seen.Headers {
		if !slices.Contains(slices.Concat(client, envoy, ours), name) {
			t.Errorf("upstream saw %s: %s, which nobody documented", name, strings.Join(values, ","))
		}
	}
	for _, name := range append(ours, "accept", "x-trace", "x-request-id") {
		if got.upstream(name) == "" {
			t.Errorf("upstream did not see %s", name)
		}
	}
}
