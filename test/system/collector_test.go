package system_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector takes spans by OTLP over HTTP and keeps what it was sent: headers, and
// bodies as they are. In protobuf every text stands as itself.
type collector struct {
	server *httptest.Server
	mu     sync.Mutex
	kept   bytes.Buffer
	spans  []*tracev1.Span
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := c.take(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			t.Errorf("collector: %v", err)
		}
	}))
	t.Cleanup(c.server.Close)
	return c
}

func (c *collector) take(r *http.Request) error {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return err //nolint:wrapcheck // a test tells it at once
		}
		body = unpacked
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.WriteString(r.URL.String() + "\n")
	_ = r.Header.Write(&c.kept)
	text, err := io.ReadAll(body)
	if err != nil {
		return err //nolint:wrapcheck // a test tells it at once
	}
	c.kept.Write(text)
	post := &collectorv1.ExportTraceServiceRequest{}
	if err := proto.Unmarshal(text, post); err != nil {
		return err //nolint:wrapcheck // a test tells it at once
	}
	for _, resource := range post.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
	return nil
}

func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.String()
}

// all are the spans so far.
func (c *collector) all() []*tracev1.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}
