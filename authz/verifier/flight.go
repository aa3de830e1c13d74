package verifier

import (
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// ErrFull: as many slow hashes wait as may. Whoever comes back finds room.
var ErrFull = errors.New("too many slow hashes wait")

// job is one slow hash that may have to be done.
type job struct {
	row    reading
	key    digest
	secret string
}

// flight is one slow hash that equal attempts wait for together.
type flight struct {
	// done is closed when fits and err are set.
	done chan struct{}
	fits bool
	err  error
}

// board gives the flight that answers a job: one that landed before, one that is
// under way, or a new one if there is room and no limit is reached.
func (v *Verifier) board(attempt authz.Attempt, j job) (*flight, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.memory.knows(j.key, v.now()) {
		v.counters.remembered.Add(1)
		landed := &flight{done: make(chan struct{}), fits: true}
		close(landed.done)
		return landed, nil
	}
	if under, ok := v.flights[j.key]; ok {
		v.counters.joined.Add(1)
		return under, nil
	}
	if err := v.admit(attempt); err != nil {
		return nil, err
	}
	begun := &flight{done: make(chan struct{})}
	v.flights[j.key] = begun
	go v.fly(begun, j)
	return begun, nil
}

// admit asks for room first, so that who finds none has spent nothing; then by
// address before account, so that nobody spends an account's share faster than
// their own.
func (v *Verifier) admit(attempt authz.Attempt) error {
	if len(v.flights) >= v.settings.Queue+v.settings.Workers {
		v.counters.refused.Add(1)
		return ErrFull
	}
	if !v.settings.ByAddress.Allow(authz.Network(attempt.Address)) {
		v.counters.throttled.Add(1)
		return fmt.Errorf("%w from this address", authz.ErrThrottled)
	}
	if !v.settings.ByAccount.Allow(attempt.Account) {
		v.counters.throttled.Add(1)
		return fmt.Errorf("%w on this account", authz.ErrThrottled)
	}
	return nil
}

// fly waits for a worker and hashes, however long whoever asked may wait.
func (v *Verifier) fly(f *flight, j job) {
	v.workers <- struct{}{}
	v.counters.runs.Add(1)
	f.fits, f.err = v.run(j)
	<-v.workers
	v.mu.Lock()
	delete(v.flights, j.key)
	if f.fits {
		v.memory.remember(j.key, v.now())
	}
	v.mu.Unlock()
	close(f.done)
}

func (v *Verifier) run(j job) (fits bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			fits, err = false, authz.Panicked(r)
		}
	}()
	return v.hash(j.row, j.secret), nil
}
