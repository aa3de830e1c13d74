package tracing

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// rarely is how often the log says that spans are not taken.
const rarely = time.Minute

// exporter counts what becomes of batches. It gives the SDK no error: that would
// print it, each time, to where this process keeps its log.
type exporter struct {
	next             sdktrace.SpanExporter
	waiting          atomic.Int64
	exported, failed atomic.Uint64
	log              *slog.Logger
	now              func() time.Time

	mu   sync.Mutex
	told time.Time
}

var _ sdktrace.SpanExporter = (*exporter)(nil)

func newExporter(next sdktrace.SpanExporter, log *slog.Logger, now func() time.Time) *exporter {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &exporter{next: next, log: log, now: now}
}

// ExportSpans implements sdktrace.SpanExporter. A batch of which the collector
// refused a part counts as failed.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	defer e.waiting.Add(-int64(len(spans)))
	if err := e.next.ExportSpans(ctx, spans); err != nil {
		e.tell(err, e.failed.Add(uint64(len(spans))))
		return nil
	}
	e.exported.Add(uint64(len(spans)))
	return nil
}

func (e *exporter) tell(err error, failed uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	if !e.told.IsZero() && now.Sub(e.told) < rarely {
		return
	}
	e.told = now
	e.log.Warn("spans are not taken by the collector", "cause", err, "since_start", failed)
}

// Shutdown implements sdktrace.SpanExporter.
func (e *exporter) Shutdown(ctx context.Context) error { return e.next.Shutdown(ctx) } //nolint:wrapcheck // it stands between two parts of the SDK
