package verifier

import (
	"context"
	"fmt"
	"time"
)

// headStart is what finding a verifier, or finding that there is none, may take
// without being seen: lookups take some 50 us, and differ by some.
const headStart = 2 * time.Millisecond

// even waits until the head start is over, so that neither a slow hash nor a refusal
// comes sooner where there was less to find. For refusals, which no hash drowns, there
// is no other defence. A success that is remembered does not wait.
func (v *Verifier) even(ctx context.Context, begun time.Time) error {
	left := min(headStart-v.now().Sub(begun), headStart)
	if begun.IsZero() || left <= 0 {
		return nil
	}
	if v.pause(left); ctx.Err() != nil {
		return fmt.Errorf("verify: %w", context.Cause(ctx))
	}
	return nil
}

// remembers reports a job that succeeded before.
func (v *Verifier) remembers(key digest) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.memory.knows(key, v.now()) {
		return false
	}
	v.counters.remembered.Add(1)
	return true
}
