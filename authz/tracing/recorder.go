package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	// capacity is how many spans wait at the most, batch how many are sent at
	// once, and pause how long they gather.
	capacity = 4096
	batch    = 512
	pause    = 2 * time.Second
	// exportTime bounds one batch with all its attempts.
	exportTime = 20 * time.Second
)

// Settings of a Recorder. Endpoint, Client and Now are required.
type Settings struct {
	// Endpoint is the collector's URL; /v1/traces is added to it (OTLP 1.x).
	Endpoint string
	// Client makes the requests, and bounds them.
	Client *http.Client
	// Ratio is the share of Checks without a sampled parent that are traced.
	Ratio float64
	// Service and Version name the process.
	Service, Version string
	Now              func() time.Time
	// Logger is told, rarely, that spans are not taken; nil is silent.
	Logger *slog.Logger
}

// Recorder traces Checks. It is safe for parallel use and runs until Close.
type Recorder struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	gate     *gate
	exporter *exporter
	client   *http.Client
	always   bool
}

var _ authz.Recorder = (*Recorder)(nil)

// New starts a Recorder. It asks nobody whether the collector is there.
func New(ctx context.Context, s Settings) (*Recorder, error) {
	if s.Client == nil || s.Now == nil || !(s.Ratio >= 0 && s.Ratio <= 1) {
		return nil, errors.New("make tracing: a client, a clock and a ratio from 0 to 1 are required")
	}
	target, err := url.JoinPath(s.Endpoint, "v1/traces")
	if err != nil {
		return nil, fmt.Errorf("make tracing: %w", err)
	}
	client := otlptracehttp.NewClient(otlptracehttp.WithEndpointURL(target), otlptracehttp.WithHTTPClient(s.Client),
		otlptracehttp.WithCompression(otlptracehttp.NoCompression))
	sender, err := otlptrace.New(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("make tracing: %w", err)
	}
	r := &Recorder{client: s.Client, always: s.Ratio > 0, exporter: newExporter(sender, s.Logger, s.Now)}
	r.gate = &gate{capacity: capacity, exporter: r.exporter}
	r.gate.next = sdktrace.NewBatchSpanProcessor(r.exporter, sdktrace.WithMaxQueueSize(capacity), sdktrace.WithMaxExportBatchSize(batch),
		sdktrace.WithBatchTimeout(pause), sdktrace.WithExportTimeout(exportTime))
	r.provider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r.gate), sdktrace.WithSampler(sampler(s.Ratio)),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", s.Service), attribute.String("service.version", s.Version))))
	r.tracer = r.provider.Tracer("github.com/sallyport-authz/sallyport/authz/tracing")
	return r, nil
}

func sampler(ratio float64) sdktrace.Sampler {
	share := sdktrace.TraceIDRatioBased(ratio)
	return sdktrace.ParentBased(share, sdktrace.WithRemoteParentNotSampled(share))
}

// Record implements authz.Recorder. It neither blocks nor panics: that a Check
// cannot be traced is no reason to refuse it.
func (r *Recorder) Record(e authz.Event) {
	byProxy := e.TracedByProxy && e.TraceParent != ""
	if !r.always && (!byProxy || !e.TraceParent.Sampled()) {
		return
	}
	defer func() {
		if recover() != nil {
			r.gate.dropped.Add(1)
		}
	}()
	ctx := context.Background()
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(e.Start)}
	switch origin := remote(e.TraceParent); {
	case byProxy:
		ctx = trace.ContextWithRemoteSpanContext(ctx, origin)
	case origin.IsValid():
		options = append(options, trace.WithLinks(trace.Link{SpanContext: origin}))
	default:
	}
	_, span := r.tracer.Start(ctx, "sallyport.check", options...)
	if span.IsRecording() {
		describe(span, &e)
	}
	span.End(trace.WithTimestamp(e.Start.Add(e.Duration)))
}

// remote is not valid where there is no parent.
func remote(parent authz.TraceParent) trace.SpanContext {
	traceID, _ := trace.TraceIDFromHex(parent.TraceID())
	spanID, _ := trace.SpanIDFromHex(parent.SpanID())
	flags := trace.TraceFlags(0).WithSampled(parent.Sampled())
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID, TraceFlags: flags, Remote: true})
}

func describe(span trace.Span, e *authz.Event) {
	verdict, trail := &e.Verdict, &e.Verdict.Trail
	state := trail.Cache
	if state == "" {
		state = authz.CacheNone
	}
	said := []attribute.KeyValue{
		attribute.String("sallyport.effect", verdict.Effect.String()),
		attribute.String("sallyport.cache", string(state)),
		attribute.Int64("sallyport.generation", int64(trail.Generation)),
		attribute.String("sallyport.decision_id", e.DecisionID),
	}
	if trail.Route != nil && trail.Route.ID != "" {
		said = append(said, attribute.String("sallyport.route", trail.Route.ID))
	}
	if name := trail.Caller.Authenticator; name != "" {
		said = append(said, attribute.String("sallyport.authenticator", name))
	}
	if verdict.Effect != authz.Allow {
		said = append(said, attribute.String("sallyport.reason", string(verdict.Reason)), attribute.Int("sallyport.status", verdict.Status))
	}
	span.SetAttributes(said...)
	if verdict.Reason == authz.Unavailable {
		span.SetStatus(codes.Error, "")
	}
}

// Stats count spans since the start.
type Stats struct {
	// Exported were taken by the collector, Failed were refused by it or did not
	// reach it, Dropped found the queue full.
	Exported, Failed, Dropped uint64
	// Waiting are not exported yet, of Capacity at the most.
	Waiting, Capacity int
}

// Stats tells what became of the spans so far.
func (r *Recorder) Stats() Stats {
	return Stats{
		Exported: r.exporter.exported.Load(), Failed: r.exporter.failed.Load(), Dropped: r.gate.dropped.Load(),
		Waiting: int(r.exporter.waiting.Load()), Capacity: capacity,
	}
}

// Close exports what waits and ends the Recorder; what is left when ctx ends is
// lost.
func (r *Recorder) Close(ctx context.Context) error {
	defer r.client.CloseIdleConnections()
	if err := r.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("close tracing: %w", err)
	}
	return nil
}
