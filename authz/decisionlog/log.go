package decisionlog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// defaultBuffer is how many events wait when the settings do not say.
const defaultBuffer = 4096

// largestBatch is when waiting lines are written although more are coming.
const largestBatch = 64 << 10

// Settings are what an operator may choose.
type Settings struct {
	// Buffer is how many events may wait to be written; 0 is 4,096.
	Buffer int
	// Labels stand in every record.
	Labels map[string]string
	// Now stamps events that have no start; without it they have the zero time.
	Now func() time.Time
}

// Log writes decisions. It is safe for parallel use.
type Log struct {
	writer  io.Writer
	labels  map[string]string
	now     func() time.Time
	dropped atomic.Uint64
	done    chan struct{}

	// closing guards events against being closed while somebody sends.
	closing sync.RWMutex
	closed  bool
	events  chan authz.Event
}

var _ authz.Recorder = (*Log)(nil)

// New starts a log on w, which nobody else may write to. It runs until Close.
func New(w io.Writer, settings Settings) *Log {
	buffer := settings.Buffer
	if buffer < 1 {
		buffer = defaultBuffer
	}
	l := &Log{
		writer: w, labels: maps.Clone(settings.Labels), now: settings.Now,
		done: make(chan struct{}), events: make(chan authz.Event, buffer),
	}
	go l.run()
	return l
}

// Record queues an event. It never blocks: when the buffer is full or the log
// is closed, the event is dropped and counted.
func (l *Log) Record(event authz.Event) {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed {
		l.dropped.Add(1)
		return
	}
	select {
	case l.events <- event:
	default:
		l.dropped.Add(1)
	}
}

// Dropped counts the events that were not written.
func (l *Log) Dropped() uint64 { return l.dropped.Load() }

// Close writes what waits and ends the log. When ctx ends first, the rest is
// still being written; whoever exits then loses it.
func (l *Log) Close(ctx context.Context) error {
	l.closing.Lock()
	if !l.closed {
		l.closed = true
		close(l.events)
	}
	l.closing.Unlock()
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("flush decision log: %w", context.Cause(ctx))
	}
}

// run gathers lines while more are waiting and writes them at once. A line is
// never held back for one that has not come yet.
func (l *Log) run() {
	defer close(l.done)
	var batch bytes.Buffer
	lines := uint64(0)
	for event := range l.events {
		line, err := l.line(event)
		if err != nil {
			l.dropped.Add(1)
		} else {
			batch.Write(line)
			lines++
		}
		if len(l.events) == 0 || batch.Len() >= largestBatch {
			l.write(&batch, lines)
			lines = 0
		}
	}
}

// write empties the batch. Lines that cannot be written are dropped: a log that
// nobody takes must not stop the service.
func (l *Log) write(batch *bytes.Buffer, lines uint64) {
	if batch.Len() == 0 {
		return
	}
	if _, err := l.writer.Write(batch.Bytes()); err != nil {
		l.dropped.Add(lines)
	}
	batch.Reset()
}
