package tracing

import (
	"context"
	"sync/atomic"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// gate lets into the batches only what fits beside all that waits, and counts
// the rest: the SDK's own queue drops without telling.
type gate struct {
	next     sdktrace.SpanProcessor
	exporter *exporter
	capacity int64
	dropped  atomic.Uint64
}

var _ sdktrace.SpanProcessor = (*gate)(nil)

// OnStart implements sdktrace.SpanProcessor.
func (g *gate) OnStart(ctx context.Context, span sdktrace.ReadWriteSpan) { g.next.OnStart(ctx, span) }

// OnEnd implements sdktrace.SpanProcessor.
func (g *gate) OnEnd(span sdktrace.ReadOnlySpan) {
	if g.exporter.waiting.Add(1) > g.capacity {
		g.exporter.waiting.Add(-1)
		g.dropped.Add(1)
		return
	}
	g.next.OnEnd(span)
}

// Shutdown implements sdktrace.SpanProcessor.
func (g *gate) Shutdown(ctx context.Context) error { return g.next.Shutdown(ctx) } //nolint:wrapcheck // it stands between two parts of the SDK

// ForceFlush implements sdktrace.SpanProcessor.
func (g *gate) ForceFlush(ctx context.Context) error { return g.next.ForceFlush(ctx) } //nolint:wrapcheck // as above
