package main

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// ask sends a Check that holds nothing. It cannot be read, and is one all the same.
func ask(t *testing.T, address string, proxySays ...string) {
	t.Helper()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	ctx := metadata.AppendToOutgoingContext(t.Context(), proxySays...)
	if err := connection.Invoke(ctx, "/envoy.service.auth.v3.Authorization/Check", &emptypb.Empty{}, &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
}

// TestTracing: a Check's span hangs below the one that the proxy names, and is
// exported before the process ends. Guards: recorders, and the finish of trace.
func TestTracing(t *testing.T) {
	defer goleak.VerifyNone(t)
	posts := make(chan *collectorv1.ExportTraceServiceRequest, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		post := &collectorv1.ExportTraceServiceRequest{}
		if err := proto.Unmarshal(body, post); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		posts <- post
	}))
	defer collector.Close()
	text := strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1) + "tracing: {endpoint: '" + collector.URL + "', service: shop}\n"
	r := start(t, write(t, text), 1)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ask(t, r.addresses[0], "traceparent", parent)
	r.end(t)
	select {
	case post := <-posts:
		spans := post.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()
		if got := "00-" + hex.EncodeToString(spans[0].GetTraceId()) + "-" + hex.EncodeToString(spans[0].GetParentSpanId()) + "-01"; len(spans) != 1 || got != parent {
			t.Errorf("%d spans below %s, want one below %s", len(spans), got, parent)
		}
	case <-time.After(5 * time.Second):
		t.Error("no span came")
	}
}

// TestCollectorGone: nobody there costs neither a Check nor the exit code.
func TestCollectorGone(t *testing.T) {
	defer goleak.VerifyNone(t)
	text := strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1) + "tracing: {endpoint: 'http://127.0.0.1:1', ratio: 1}\n"
	r := start(t, write(t, text), 1)
	ask(t, r.addresses[0])
	r.end(t)
	if !strings.Contains(r.log.text(), "spans are not taken by the collector") {
		t.Errorf("nobody is told:\n%s", r.log.text())
	}
}
