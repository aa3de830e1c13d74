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
func (p *program) Seen() map[int]int {
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	return maps.Clone(p.seen.statuses)
}

// Hits are how many answers were remembered ones.
func (p *program) Hits(ctx context.Context) (int, error) {
	series, err := p.running.Metrics(ctx)
	if err != nil {
		return 0, fmt.Errorf("read metrics: %w", err)
	}
	return int(series["sallyport_cache_hits_total"]), nil
}
