package tracing_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz/tracing"
)

// collector is an OTLP receiver: it decodes what is posted, or answers status.
type collector struct {
	*httptest.Server
	status int

	mu       sync.Mutex
	posts    int
	wrong    []string
	spans    []*tracev1.Span
	resource map[string]string
}

func collect(t testing.TB, status int) *collector {
	t.Helper()
	c := &collector{status: status}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP implements http.Handler.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts++
	body, err := io.ReadAll(r.Body)
	message := &collectorv1.ExportTraceServiceRequest{}
	if err == nil {
		err = proto.Unmarshal(body, message)
	}
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		c.wrong = append(c.wrong, fmt.Sprintf("%s %s %s: %v", r.Method, r.URL, r.Header.Get("Content-Type"), err))
	}
	if c.status != http.StatusOK {
		w.WriteHeader(c.status)
		return
	}
	for _, from := range message.GetResourceSpans() {
		c.resource = texts(from.GetResource().GetAttributes())
		for _, scope := range from.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (c *collector) got(t testing.TB) []*tracev1.Span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, wrong := range c.wrong {
		t.Errorf("not OTLP over HTTP: %s", wrong)
	}
	return c.spans
}

// texts are attributes in words.
func texts(attributes []*commonv1.KeyValue) map[string]string {
	words := map[string]string{}
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *commonv1.AnyValue_StringValue:
			words[a.GetKey()] = v.StringValue
		case *commonv1.AnyValue_IntValue:
			words[a.GetKey()] = fmt.Sprint(v.IntValue)
		default:
			words[a.GetKey()] = fmt.Sprintf("%T", v)
		}
	}
	return words
}

func id(b []byte) string { return hex.EncodeToString(b) }

// recorder traces to the collector; settle closes it, so that all is there.
func recorder(t testing.TB, c *collector, edit func(*tracing.Settings)) *tracing.Recorder {
	t.Helper()
	s := tracing.Settings{
		Endpoint: c.URL, Client: &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second},
		Service: "sallyport", Version: "v1.2.3", Now: time.Now,
	}
	if edit != nil {
		edit(&s)
	}
	r, err := tracing.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
