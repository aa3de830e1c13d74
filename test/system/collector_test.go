package system_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// collector takes spans by OTLP over HTTP and keeps what it was sent: headers, and
// bodies as they are. In protobuf every text stands as itself.
type collector struct {
	server *httptest.Server
	mu     sync.Mutex
	kept   bytes.Buffer
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
	_, err := io.Copy(&c.kept, body)
	return err //nolint:wrapcheck // a test tells it at once
}

func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept.String()
}
