package authz

import "sync"

// flight is one evaluation that equal requests wait for together.
type flight struct {
	// done is closed when verdict and kept are set.
	done    chan struct{}
	verdict Verdict
	// kept is nil where the verdict may not be handed to another request.
	kept *Remembered
}

// flightKey tells flights apart: a request of a newer snapshot never joins one
// of an older.
type flightKey struct {
	digest     Digest
	generation uint64
}

// flights are the evaluations under way that may be joined.
type flights struct {
	mu    sync.Mutex
	under map[flightKey]*flight
}

// join gives the flight of a key, and whether the caller has to fly it.
func (f *flights) join(key flightKey) (*flight, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if under, ok := f.under[key]; ok {
		return under, false
	}
	if f.under == nil {
		f.under = map[flightKey]*flight{}
	}
	begun := &flight{done: make(chan struct{})}
	f.under[key] = begun
	return begun, true
}

// land ends a flight: nobody joins it any more, and who waits is told.
func (f *flights) land(key flightKey, ended *flight) {
	f.mu.Lock()
	delete(f.under, key)
	f.mu.Unlock()
	close(ended.done)
}
