package system_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/ops"
	"github.com/sallyport-authz/sallyport/authz/tracing"
)

// watched is what operators see of a service in this process.
type watched struct {
	metrics *ops.Metrics
	tracer  *tracing.Recorder
	spans   *collector
	address string
}

// watch serves operators from sources of which one panics with a secret.
func watch(t *testing.T, c cage, authorizer *authz.Authorizer, logger *slog.Logger) *watched {
	t.Helper()
	w := &watched{spans: newCollector(t)}
	sources := ops.Sources{Load: authorizer.Load, Cache: func() []ops.Shelf { panic("shelves: " + c.value("env")) }}
	var err error
	if w.metrics, err = ops.NewMetrics(sources, ops.Release{}, time.Now); err != nil {
		t.Fatal(err)
	}
	server, err := ops.New(ops.Settings{Metrics: w.metrics, Sources: sources, Now: time.Now, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.address = socket.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(socket) }()
	t.Cleanup(func() {
		must(t, server.Shutdown(context.Background()))
		must(t, <-ended)
	})
	w.tracer, err = tracing.New(t.Context(), tracing.Settings{
		Endpoint: w.spans.server.URL, Client: http.DefaultClient, Ratio: 1, Service: "canary", Now: time.Now, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// pages are those that are made of the sources, the ones that panic among them.
func (w *watched) pages(t *testing.T) string {
	t.Helper()
	told := ""
	for _, path := range []string{"/status", "/metrics"} {
		response, err := http.Get("http://" + w.address + path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		text, err := io.ReadAll(response.Body)
		must(t, err)
		must(t, response.Body.Close())
		told += response.Status + string(text)
	}
	return told
}

// endTraces exports what waits and gives all of it.
func (w *watched) endTraces(t *testing.T) string {
	t.Helper()
	must(t, w.tracer.Close(context.Background()))
	return w.spans.text()
}
