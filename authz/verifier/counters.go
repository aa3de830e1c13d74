package verifier

import "sync/atomic"

// Counters tell what slow hashes cost, since the process began.
type Counters struct {
	// Runs are hashes that were begun; Remembered and Joined attempts that needed
	// none of their own.
	Runs, Remembered, Joined uint64
	// Refused found the queue full; Throttled met a limit; Late ended before their
	// hash did.
	Refused, Throttled, Late uint64
	// Pending is how many hashes wait or run now.
	Pending int
	// Known is how many successes are remembered now.
	Known int
}

type counters struct{ runs, remembered, joined, refused, throttled, late atomic.Uint64 }

// Counters tell how it stands.
func (v *Verifier) Counters() Counters {
	v.mu.Lock()
	pending, known := len(v.flights), v.memory.size()
	v.mu.Unlock()
	c := &v.counters
	return Counters{
		Runs: c.runs.Load(), Remembered: c.remembered.Load(), Joined: c.joined.Load(),
		Refused: c.refused.Load(), Throttled: c.throttled.Load(), Late: c.late.Load(),
		Pending: pending, Known: known,
	}
}
