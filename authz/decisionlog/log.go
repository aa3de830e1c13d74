package decisionlog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// defaultBuffer is how many records wait when the settings do not say.
const defaultBuffer = 4096

const (
	// together is how long lines gather behind one that was just written. The
	// first line after a silence waits for nobody.
	together = 2 * time.Millisecond
	// again is the pause before lines that could not be written are tried again.
	again = time.Second
)

// Settings are what an operator may choose.
type Settings struct {
	// Buffer is how many records may wait to be written; 0 is 4,096. They may
	// hold 4 KiB each on the average, whatever stands in them.
	Buffer int
	// Labels stand in every record.
	Labels map[string]string
	// View is what records show of headers and claims.
	View View
	// Now stamps events that have no start, and lines about lost records;
	// without it they have the zero time.
	Now func() time.Time
	// Logger is told, rarely, that records cannot be written; nil is silent.
	Logger *slog.Logger
}

// Stats count the records of one Log.
type Stats struct {
	// Written are those that the writer took, Dropped those that nobody will
	// ever read, Errors the writes that went wrong.
	Written, Dropped, Errors uint64
	// Waiting are not written yet, of Capacity at the most.
	Waiting, Capacity int
}

// Log writes decisions. It is safe for parallel use.
type Log struct {
	writer  io.Writer
	labels  text
	now     func() time.Time
	view    atomic.Pointer[view]
	changes sync.Mutex
	buffers sync.Pool
	queue   *queue
	taken   batch
	worries worries
	closing chan struct{}
	closed  sync.Once
	done    chan struct{}
}

var _ authz.Recorder = (*Log)(nil)

// New starts a log on w, which nobody else may write to. It runs until Close.
func New(w io.Writer, settings Settings) *Log {
	l := &Log{
		writer: w, labels: labelled(settings.Labels), now: settings.Now, queue: newQueue(settings.Buffer),
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	if l.now == nil {
		l.now = func() time.Time { return time.Time{} }
	}
	l.worries = newWorries(settings.Logger, l.now)
	l.buffers.New = func() any { return new(text) }
	l.Apply(settings.View)
	go l.run()
	return l
}

// Apply changes what records show, from the next one on. Carriers that were
// known before stay masked.
func (l *Log) Apply(v View) {
	l.changes.Lock()
	defer l.changes.Unlock()
	var before []authz.Carrier
	if last := l.view.Load(); last != nil {
		before = last.carriers
	}
	l.view.Store(newView(v, before))
}

// Record queues the record of an event. It never waits for the writer: when the
// buffer is full or the log is closed, the record is dropped and counted. What
// waits is the finished line, so that nothing holds a request in memory.
func (l *Log) Record(event authz.Event) {
	if event.Start.IsZero() {
		event.Start = l.now()
	}
	line, _ := l.buffers.Get().(*text)
	*line = (*line)[:0]
	scribe{l.labels, l.view.Load()}.record(line, &event)
	l.queue.put(*line, l.gap)
	if cap(*line) <= largestKept {
		l.buffers.Put(line)
	}
}

// largestKept is the largest buffer that is used again.
const largestKept = 64 << 10

// Stats tells what became of the records so far.
func (l *Log) Stats() Stats { return l.queue.stats() }

// Close writes what waits and ends the log. When ctx ends first, the rest is
// still being written; whoever exits then loses it.
func (l *Log) Close(ctx context.Context) error {
	l.closed.Do(func() {
		l.queue.close(l.gap)
		close(l.closing)
	})
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("flush decision log: %w", context.Cause(ctx))
	}
}

// run writes what there is, and lets lines gather meanwhile.
func (l *Log) run() {
	defer close(l.done)
	for l.wait() {
		if l.write() == nil {
			l.pause(together, l.queue.full)
		} else {
			l.pause(again, nil)
		}
	}
	for l.Stats().Waiting > 0 && l.write() == nil {
	}
	l.queue.abandon()
	l.worries.ended(l.Stats())
}

// wait gives false once the log is closed.
func (l *Log) wait() bool {
	if !l.taken.empty() {
		return !l.isClosing()
	}
	select {
	case <-l.queue.wake:
		return true
	case <-l.closing:
		return false
	}
}

func (l *Log) isClosing() bool {
	select {
	case <-l.closing:
		return true
	default:
		return false
	}
}

// pause lets time pass, until the log is closed or there is enough to do.
func (l *Log) pause(length time.Duration, enough <-chan struct{}) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-enough:
	case <-l.closing:
	}
}

// write hands the writer all that waits. What it does not take is kept and
// tried again, so that a full disk loses only what the buffer cannot hold.
func (l *Log) write() error {
	if l.taken.empty() {
		l.queue.take(&l.taken)
	}
	if l.taken.empty() {
		return nil
	}
	n, err := l.writer.Write(l.taken.rest())
	l.queue.wrote(l.taken.advance(n), n, err)
	l.worries.tell(err, l.Stats())
	return err
}
