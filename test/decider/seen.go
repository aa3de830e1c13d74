package decider

import (
	"context"
	"fmt"
	"maps"
	"sync"
)

// seen counts what came of requests.
type seen struct {
	mu       sync.Mutex
	statuses map[int]int
}

func (s *seen) count(o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.statuses == nil {
		s.statuses = map[int]int{}
	}
	s.statuses[o.Status]++
}

// Seen tells what came of the requests so far, by status.
func (w *World) Seen() map[int]int {
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	return maps.Clone(w.seen.statuses)
}

// Hits are how many answers were remembered ones.
func (w *World) Hits(ctx context.Context) (int, error) {
	series, err := w.program.Metrics(ctx)
	if err != nil {
		return 0, fmt.Errorf("read metrics: %w", err)
	}
	return int(series["sallyport_cache_hits_total"]), nil
}
