package uses

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// batch is how many tokens one call tells the store of, so that none is a long
	// transaction.
	batch = 1000
	// lastFlush is how long the end of the process waits for the store.
	lastFlush = 5 * time.Second
)

// handing is what is on its way to the store.
type handing struct {
	mu sync.Mutex
	// waiting are uses that the store was not told of, told is when it was last told
	// of a token, for as long as that matters.
	waiting, told map[string]time.Time
}

// Run hands over what is noted until the context ends, and then all that is left.
func (r *Recorder) Run(ctx context.Context) {
	ticker := time.NewTicker(r.settings.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = r.hand(ctx, false) // it was counted, and the next one tries again
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
			defer cancel()
			_ = r.hand(last, true)
			return
		}
	}
}

// Flush hands over all that is noted, whatever the pause.
func (r *Recorder) Flush(ctx context.Context) error { return r.hand(ctx, true) }

func (r *Recorder) hand(ctx context.Context, all bool) error {
	h := &r.handing
	h.mu.Lock()
	defer h.mu.Unlock()
	r.dropped.Add(h.merge(r.take(), r.settings.Most))
	now := r.settings.Now()
	h.forget(now.Add(-r.settings.Pause))
	for {
		due := h.due(all)
		if len(due) == 0 {
			return nil
		}
		if err := r.settings.Store.Used(ctx, due); err != nil {
			r.failed.Add(1)
			return fmt.Errorf("note uses: %w", err)
		}
		for id := range due {
			delete(h.waiting, id)
			h.told[id] = now
		}
	}
}

// merge adds what was taken, and tells how many found no place.
func (h *handing) merge(taken map[string]time.Time, most int) (dropped uint64) {
	for id, at := range taken {
		before, waits := h.waiting[id]
		switch {
		case !waits && len(h.waiting) >= most:
			dropped++
		case at.After(before):
			h.waiting[id] = at
		default:
			continue
		}
	}
	return dropped
}

// forget ends the pauses that began before.
func (h *handing) forget(before time.Time) {
	for id, at := range h.told {
		if !at.After(before) {
			delete(h.told, id)
		}
	}
}

// due is the next batch: of all that waits, or of what has no pause.
func (h *handing) due(all bool) map[string]time.Time {
	due := map[string]time.Time{}
	for id, at := range h.waiting {
		if _, paused := h.told[id]; paused && !all {
			continue
		}
		due[id] = at
		if len(due) == batch {
			break
		}
	}
	return due
}
