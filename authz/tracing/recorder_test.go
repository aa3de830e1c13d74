package tracing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tracing"
)

const (
	traceID  = "0af7651916cd43dd8448eb211c80319c"
	spanID   = "b7ad6b7169203331"
	sampled  = authz.TraceParent("00-" + traceID + "-" + spanID + "-01")
	ignored  = authz.TraceParent("00-" + traceID + "-" + spanID + "-00")
	canary   = "hunter2"
	startsAt = "2026-03-01T12:00:00.123456789Z"
)

func start() time.Time {
	at, _ := time.Parse(time.RFC3339Nano, startsAt)
	return at
}

// denied is a Check with a canary in everything that a span must not hold.
func denied() authz.Event {
	return authz.Event{
		DecisionID: "d-1", Start: start(), Duration: 1500 * time.Microsecond, TraceParent: sampled, TracedByProxy: true,
		Attributes: &authz.Attributes{
			Peer: authz.Peer{Address: canary, Principal: canary}, Extensions: map[string]string{canary: canary},
			Request: &authz.Request{Method: canary, Host: canary, Path: canary, Headers: authz.Headers{List: []authz.Header{{Name: canary, Value: canary}}}},
		},
		Verdict: authz.Verdict{
			Reason: authz.OutOfScope, Status: 403, Body: canary, Metadata: map[string]any{canary: canary},
			Headers: []authz.Header{{Name: canary, Value: canary}}, Upstream: []authz.Header{{Name: canary, Value: canary}},
			Trail: authz.Trail{
				Generation: 3, Route: &authz.Route{ID: "order", Host: canary, Template: canary}, Path: canary, Tenant: canary, Rule: canary, Message: canary,
				Cause: errors.New(canary), Cache: authz.CacheMiss, Params: []authz.Param{{Name: canary, Value: canary}},
				Caller: authz.Caller{Authenticator: "keys", Subject: canary, Tenant: canary, TokenID: canary, User: canary, Claims: map[string]any{canary: canary}},
				Tried:  []authz.Tried{{Authenticator: canary, Carrier: authz.InHeader(canary)}},
			},
		},
	}
}

// exported records events and gives their spans when all are there.
func exported(t *testing.T, edit func(*tracing.Settings), events ...authz.Event) []*tracev1.Span {
	t.Helper()
	c := collect(t, http.StatusOK)
	r := recorder(t, c, edit)
	for _, e := range events {
		r.Record(e)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c.got(t)
}

func always(s *tracing.Settings) { s.Ratio = 1 }

// TestSpan: the proxy's span is the parent, and the span is made of the event.
func TestSpan(t *testing.T) {
	allowed := denied()
	allowed.Verdict.Effect, allowed.Verdict.Reason, allowed.Verdict.Trail.Cache = authz.Allow, "", ""
	broken := denied()
	broken.Verdict.Reason, broken.Verdict.Status = authz.Unavailable, 503
	unread := authz.Event{Start: start(), TraceParent: sampled, TracedByProxy: true, DecisionID: "d-1"}
	for _, c := range []struct {
		name  string
		event authz.Event
		want  map[string]string
		code  tracev1.Status_StatusCode
	}{
		{"denied", denied(), map[string]string{
			"sallyport.effect": "deny", "sallyport.reason": "scope", "sallyport.route": "order", "sallyport.cache": "miss",
			"sallyport.authenticator": "keys", "sallyport.status": "403", "sallyport.generation": "3", "sallyport.decision_id": "d-1",
		}, tracev1.Status_STATUS_CODE_UNSET},
		{"allowed", allowed, map[string]string{
			"sallyport.effect": "allow", "sallyport.route": "order", "sallyport.cache": "none",
			"sallyport.authenticator": "keys", "sallyport.generation": "3", "sallyport.decision_id": "d-1",
		}, tracev1.Status_STATUS_CODE_UNSET},
		{"could not tell", broken, map[string]string{
			"sallyport.effect": "deny", "sallyport.reason": "unavailable", "sallyport.route": "order", "sallyport.cache": "miss",
			"sallyport.authenticator": "keys", "sallyport.status": "503", "sallyport.generation": "3", "sallyport.decision_id": "d-1",
		}, tracev1.Status_STATUS_CODE_ERROR},
		{"could not be read", unread, map[string]string{
			"sallyport.effect": "deny", "sallyport.reason": "", "sallyport.cache": "none", "sallyport.status": "0",
			"sallyport.generation": "0", "sallyport.decision_id": "d-1",
		}, tracev1.Status_STATUS_CODE_UNSET},
	} {
		t.Run(c.name, func(t *testing.T) {
			spans := exported(t, nil, c.event)
			if len(spans) != 1 {
				t.Fatalf("%d spans, want one", len(spans))
			}
			span := spans[0]
			if id(span.GetTraceId()) != traceID || id(span.GetParentSpanId()) != spanID || len(span.GetLinks()) != 0 {
				t.Errorf("span of %x below %x, want the proxy's", span.GetTraceId(), span.GetParentSpanId())
			}
			if diff := cmp.Diff(texts(span.GetAttributes()), c.want); diff != "" {
				t.Errorf("attributes (-got +want):\n%s", diff)
			}
			begin, end := uint64(c.event.Start.UnixNano()), uint64(c.event.Start.Add(c.event.Duration).UnixNano())
			if span.GetStartTimeUnixNano() != begin || span.GetEndTimeUnixNano() != end || span.GetName() != "sallyport.check" || span.GetKind() != tracev1.Span_SPAN_KIND_SERVER {
				t.Errorf("span %v", span)
			}
			if span.GetStatus().GetCode() != c.code || span.GetStatus().GetMessage() != "" {
				t.Errorf("status %v, want %v", span.GetStatus(), c.code)
			}
			if strings.Contains(span.String(), canary) {
				t.Errorf("the span tells what it must not: %v", span)
			}
		})
	}
}

// TestSampling: whose proxy samples is traced; of the others the ratio decides,
// and never a client's word. Guards: byProxy in Record, and sampler.
func TestSampling(t *testing.T) {
	event := func(parent authz.TraceParent, byProxy bool) authz.Event {
		return authz.Event{Start: start(), TraceParent: parent, TracedByProxy: byProxy}
	}
	for _, c := range []struct {
		name           string
		event          authz.Event
		edit           func(*tracing.Settings)
		traced         bool
		parent, linked string
	}{
		{"proxy samples", event(sampled, true), nil, true, spanID, ""},
		{"proxy does not", event(ignored, true), nil, false, "", ""},
		{"client asks", event(sampled, false), nil, false, "", ""},
		{"nobody", event("", false), nil, false, "", ""},
		{"proxy samples, ratio 1", event(sampled, true), always, true, spanID, ""},
		{"proxy does not, ratio 1", event(ignored, true), always, true, spanID, ""},
		{"client asks, ratio 1", event(sampled, false), always, true, "", spanID},
		{"nobody, ratio 1", event("", false), always, true, "", ""},
		{"nobody, though it says so, ratio 1", event("", true), always, true, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			spans := exported(t, c.edit, c.event)
			if len(spans) == 0 {
				if c.traced {
					t.Error("not traced")
				}
				return
			}
			span, linked := spans[0], ""
			for _, link := range span.GetLinks() {
				linked = id(link.GetSpanId())
			}
			inTrace := id(span.GetTraceId()) == traceID
			if !c.traced || id(span.GetParentSpanId()) != c.parent || linked != c.linked || inTrace != (c.parent != "") {
				t.Errorf("span below %q, linked to %q, in the proxy's trace %v; want traced %v, below %q, linked to %q",
					id(span.GetParentSpanId()), linked, inTrace, c.traced, c.parent, c.linked)
			}
		})
	}
}

func TestRatioIsAShare(t *testing.T) {
	var events []authz.Event
	for range 2000 {
		events = append(events, authz.Event{Start: start()})
	}
	if n := len(exported(t, func(s *tracing.Settings) { s.Ratio = 0.25 }, events...)); n < 350 || n > 650 {
		t.Errorf("%d of 2000 traced, want about a quarter", n)
	}
}

func TestResource(t *testing.T) {
	c := collect(t, http.StatusOK)
	r := recorder(t, c, func(s *tracing.Settings) { s.Service = "shop" })
	r.Record(denied())
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.resource["service.name"] != "shop" || c.resource["service.version"] != "v1.2.3" {
		t.Errorf("got %v", c.resource)
	}
	if got, want := r.Stats(), (tracing.Stats{Exported: 1, Capacity: 4096}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

// A collector that refuses costs no Check anything: what is lost is counted, and
// told once a minute, not once a batch.
func TestCollectorThatRefuses(t *testing.T) {
	for name, status := range map[string]int{"refuses": http.StatusForbidden, "moved": http.StatusMovedPermanently} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			c := collect(t, status)
			r := recorder(t, c, func(s *tracing.Settings) { s.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			for range 1500 {
				r.Record(denied())
			}
			if err := r.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if got, want := r.Stats(), (tracing.Stats{Failed: 1500, Capacity: 4096}); got != want {
				t.Errorf("stats %+v, want %+v", got, want)
			}
			if c.posts < 3 {
				t.Errorf("%d batches, want several", c.posts)
			}
			if n := strings.Count(log.String(), "spans are not taken by the collector"); n != 1 {
				t.Errorf("told %d times, want once:\n%s", n, log.String())
			}
		})
	}
}

// Nobody waits for a collector that hangs: the queue fills, the rest is dropped
// and counted, and Close ends on time. Guard: the bound in gate.OnEnd.
func TestCollectorThatHangs(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer server.Close()
	defer close(hold)
	r, err := tracing.New(t.Context(), tracing.Settings{Endpoint: server.URL, Client: &http.Client{Transport: &http.Transport{}}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for range 6000 {
		r.Record(denied())
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("6000 Checks waited %v for the collector", took)
	}
	got := r.Stats()
	if got.Dropped != 6000-4096 || got.Waiting != 4096 {
		t.Errorf("stats %+v, want 4096 waiting and the rest dropped", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun = time.Now()
	if err := r.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: got %v, want that the time was over", err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("close took %v", took)
	}
}

// An answer that could not be recorded is a denial; that it could not be traced
// must be none. Guard: the recover in Record.
func TestPanicStaysHere(t *testing.T) {
	c := collect(t, http.StatusOK)
	r := recorder(t, c, nil)
	r.Break()
	r.Record(denied())
	if got := r.Stats(); got.Dropped != 1 {
		t.Errorf("stats %+v, want one dropped", got)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// A Check that is not traced pays nothing for those that are.
func TestUntracedAllocatesNothing(t *testing.T) {
	c := collect(t, http.StatusOK)
	r := recorder(t, c, nil)
	e := denied()
	e.TraceParent = ignored
	if n := testing.AllocsPerRun(100, func() { r.Record(e) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, edit := range map[string]func(*tracing.Settings){
		"no client": func(s *tracing.Settings) { s.Client = nil }, "no clock": func(s *tracing.Settings) { s.Now = nil },
		"ratio below zero": func(s *tracing.Settings) { s.Ratio = -0.1 }, "ratio above one": func(s *tracing.Settings) { s.Ratio = 1.1 },
		"no URL": func(s *tracing.Settings) { s.Endpoint = "http://[" },
	} {
		s := tracing.Settings{Endpoint: "http://127.0.0.1:4318", Client: &http.Client{}, Now: time.Now}
		edit(&s)
		if _, err := tracing.New(t.Context(), s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	c := collect(b, http.StatusOK)
	r := recorder(b, c, nil)
	for name, parent := range map[string]authz.TraceParent{"traced": sampled, "untraced": ignored} {
		e := denied()
		e.TraceParent = parent
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Record(e)
			}
		})
	}
	if err := r.Close(context.Background()); err != nil {
		b.Error(fmt.Errorf("close: %w", err))
	}
}
