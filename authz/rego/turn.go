package rego

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Who waits for a turn for more than a quarter of what is left of its time begins
// with too little left, ends unfinished, and had the turn of one that would not.
// Where much is left, half of what an evaluation may take bounds the queue too,
// 50 ms by default: a policy that is given seconds may be waited for, one that is
// given a moment is overloaded when the queue is longer.
const (
	queueShare   = 4
	timeoutShare = 2
)

// turns bound how many evaluations run at once: as many as there are processors.
// An evaluation is all processor. With more of them each is later, and whoever
// only has to be told that there are too many waits behind all of them. Those
// that wait for a turn take no processor. The zero turns bound nothing.
type turns struct {
	free    chan struct{}
	longest time.Duration
}

// newTurns bounds nothing where a policy may wait for something else.
func newTurns(settings Settings, timeout time.Duration) turns {
	if len(settings.Grant) > 0 || len(settings.Builtins) > 0 {
		return turns{}
	}
	return turns{make(chan struct{}, runtime.GOMAXPROCS(0)), timeout / timeoutShare}
}

// take waits for a turn; give ends it.
func (t turns) take(ctx context.Context) error {
	if t.free == nil {
		return nil
	}
	select {
	case t.free <- struct{}{}:
		return nil
	default:
	}
	patience := t.longest
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)/queueShare) //nolint:forbidigo // a context's deadline is on the process's own clock
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case t.free <- struct{}{}:
		return nil
	case <-timer.C:
		return fmt.Errorf("%w: no turn within %s", authz.ErrBusy, patience)
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn: %w", context.Cause(ctx))
	}
}

func (t turns) give() {
	if t.free != nil {
		<-t.free
	}
}
