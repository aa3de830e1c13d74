package rego

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// longestQueue is how long an evaluation waits for its turn at most, and
// queueShare the part of what is left of its time: who waits longer begins with
// too little left, ends unfinished, and had the turn of one that would not.
const (
	longestQueue = 50 * time.Millisecond
	queueShare   = 4
)

// turns bound how many evaluations run at once: as many as there are processors.
// An evaluation is all processor. With more of them each is later, and whoever
// only has to be told that there are too many waits behind all of them. Those
// that wait for a turn take no processor. nil bounds nothing.
type turns chan struct{}

// newTurns bounds nothing where a policy may wait for something else.
func newTurns(settings Settings) turns {
	if len(settings.Grant) > 0 || len(settings.Builtins) > 0 {
		return nil
	}
	return make(turns, runtime.GOMAXPROCS(0))
}

// take waits for a turn; give ends it.
func (t turns) take(ctx context.Context) error {
	if t == nil {
		return nil
	}
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	patience := longestQueue
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)/queueShare) //nolint:forbidigo // a context's deadline is on the process's own clock
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case t <- struct{}{}:
		return nil
	case <-timer.C:
		return fmt.Errorf("%w: no turn within %s", authz.ErrBusy, patience)
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn: %w", context.Cause(ctx))
	}
}

func (t turns) give() {
	if t != nil {
		<-t
	}
}
