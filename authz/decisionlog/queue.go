package decisionlog

import (
	"bytes"
	"cmp"
	"sync"
)

const (
	// averageLine times the capacity is how many bytes may wait.
	averageLine = 4 << 10
	// largestBatch is when waiting lines are written although more are coming.
	largestBatch = 64 << 10
	// largestIdle is how much memory an empty queue keeps.
	largestIdle = 1 << 20
)

// queue holds lines until they are written, a bounded number of bounded bytes.
type queue struct {
	// wake has a value when lines came into an empty queue, full when there are
	// enough for a write of their own.
	wake, full chan struct{}

	mu       sync.Mutex
	closed   bool
	capacity int
	text     []byte
	lines    int
	// takenLines and takenBytes are with the writer.
	takenLines, takenBytes int
	// lost were dropped since the last line that told of it.
	lost                     uint64
	written, dropped, errors uint64
}

func newQueue(capacity int) *queue {
	return &queue{
		wake: make(chan struct{}, 1), full: make(chan struct{}, 1),
		capacity: cmp.Or(max(capacity, 0), defaultBuffer),
	}
}

// put adds one line, or drops and counts it. Where lines were dropped before, one
// made by gap says so first, at the very place where they are missing.
func (q *queue) put(line []byte, gap func(uint64) []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || !q.holds(len(line)) {
		q.dropped++
		q.lost++
		return
	}
	if q.lost > 0 {
		q.add(gap(q.lost))
		q.lost = 0
	}
	q.add(line)
}

func (q *queue) add(line []byte) {
	before := len(q.text)
	q.text = append(q.text, line...)
	q.lines++
	if before == 0 {
		signal(q.wake)
	}
	if before < largestBatch && len(q.text) >= largestBatch {
		signal(q.full)
	}
}

func (q *queue) holds(size int) bool {
	return q.lines+q.takenLines < q.capacity && len(q.text)+q.takenBytes+size <= q.capacity*averageLine
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// close ends the queue with a line about the last losses.
func (q *queue) close(gap func(uint64) []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.lost > 0 {
		q.add(gap(q.lost))
		q.lost = 0
	}
	q.closed = true
}

// take moves all lines into the batch, which must be empty, and goes on with the
// batch's memory.
func (q *queue) take(b *batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	spare := b.text[:0]
	if cap(spare) > largestIdle {
		spare = nil
	}
	*b = batch{text: q.text, lines: q.lines}
	q.takenLines, q.takenBytes = q.lines, len(q.text)
	q.text, q.lines = spare, 0
}

// wrote counts lines of the batch that are out.
func (q *queue) wrote(lines, size int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.written += uint64(lines)
	q.takenLines -= lines
	q.takenBytes -= size
	if err != nil {
		q.errors++
	}
}

// abandon counts what nobody will write.
func (q *queue) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.dropped += uint64(q.lines + q.takenLines)
	q.text, q.lines, q.takenLines, q.takenBytes = nil, 0, 0, 0
}

func (q *queue) stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Stats{
		Written: q.written, Dropped: q.dropped, Errors: q.errors,
		Waiting: q.lines + q.takenLines, Capacity: q.capacity,
	}
}

// batch is what the writer has of the queue.
type batch struct {
	text  []byte
	at    int
	lines int
}

func (b *batch) empty() bool { return b.at == len(b.text) }

func (b *batch) rest() []byte { return b.text[b.at:] }

// advance goes on behind n written bytes and gives the lines that ended there.
func (b *batch) advance(n int) (lines int) {
	if n == len(b.text)-b.at {
		lines = b.lines
	} else {
		lines = bytes.Count(b.text[b.at:b.at+n], []byte("\n"))
	}
	b.at += n
	b.lines -= lines
	return lines
}
