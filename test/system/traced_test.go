package system_test

import (
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	clientTrace = "0af7651916cd43dd8448eb211c80319c"
	clientSpan  = "b7ad6b7169203331"
	// tracingEnvoy is what an operator adds to a connection manager.
	tracingEnvoy = `          tracing:
            provider:
              name: envoy.tracers.opentelemetry
              typed_config:
                "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                service_name: envoy
                http_service:
                  http_uri: {uri: "http://spans/v1/traces", cluster: spans, timeout: 1s}
`
)

// TestTraceBehindEnvoy: the span of a Check hangs below the one that Envoy made of
// its own call, in the trace that Envoy found in the request. An Envoy that does
// not trace passes the client's word on, and by that alone nothing is traced.
// Guards: trace of the room envoy, where the call's metadata comes first and only it
// is the proxy's word.
func TestTraceBehindEnvoy(t *testing.T) {
	said := field{"traceparent", "00-" + clientTrace + "-" + clientSpan + "-01"}
	t.Run("Envoy traces", func(t *testing.T) {
		ours, theirs := askTraced(t, tracingEnvoy, said)
		for deadline := time.Now().Add(15 * time.Second); below(ours.all(), theirs.all()) == nil; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("no span of ours is below one of Envoy's:\n%v\n%v", ours.all(), theirs.all())
			}
		}
		if got := hex.EncodeToString(below(ours.all(), theirs.all()).GetTraceId()); got != clientTrace || len(ours.all()) != 1 {
			t.Errorf("%d spans, the first in trace %s, want one in the client's", len(ours.all()), got)
		}
	})
	t.Run("the client says so", func(t *testing.T) {
		if ours, _ := askTraced(t, "", said); len(ours.all()) != 0 {
			t.Errorf("a client had its request traced: %v", ours.all())
		}
	})
}

// below gives the first span whose parent is among the others.
func below(spans, parents []*tracev1.Span) *tracev1.Span {
	for _, span := range spans {
		for _, parent := range parents {
			if string(span.GetParentSpanId()) == string(parent.GetSpanId()) && string(span.GetTraceId()) == string(parent.GetTraceId()) {
				return span
			}
		}
	}
	return nil
}

// askTraced sends one request through an Envoy and a Sallyport that has traced it,
// if it does, when this returns. What Envoy has traced comes when it likes.
func askTraced(t *testing.T, tracing string, headers ...field) (ours, theirs *collector) {
	t.Helper()
	ours, theirs = newCollector(t), newCollector(t)
	s := serve(t, wire, "policies:\n", "tracing: {endpoint: '"+ours.server.URL+"'}\npolicies:\n")
	upstream, err := echo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, upstream.Close()) })
	at, err := url.Parse(theirs.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "envoy.yaml")
	text, err := os.ReadFile(openEnvoy)
	must(t, err)
	traced := strings.Replace(string(text), "          use_remote_address: true\n", "          use_remote_address: true\n"+tracing, 1)
	must(t, os.WriteFile(file, []byte(strings.Replace(traced, "  clusters:\n", "  clusters:\n  - {name: spans, type: STATIC, connect_timeout: 1s}\n", 1)), 0o600))
	bootstrap, err := mesh.Bootstrap(file, mesh.Places{Clusters: map[string]string{"authz": s.TCP(), "echo": upstream.Web(), "spans": at.Host}})
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := mesh.StartEnvoy(t.Context(), bootstrap, short(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, proxy.Stop()) })
	refused(t, sendHTTP1(t, proxy.Address("open"), get(host, "/key", headers...)), 401, `{"code":"unauthenticated"}`)
	must(t, s.Stop())
	return ours, theirs
}
