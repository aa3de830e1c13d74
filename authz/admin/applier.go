package admin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// applyTime bounds a change that has begun. Whoever asked for it may be gone by then.
const applyTime = 30 * time.Second

// Applier makes changes in an engine that no other process writes to, so that each
// acts before its Apply returns: the change is committed, then what it touched is
// ticked, then it is answered. Changes are made one at a time. A change that has
// begun is finished, also when its context ends.
//
// Where the engine could not tell, everything is ticked, now and with the next
// change again: what was remembered of the store may be from before a change that
// came true late.
type Applier struct {
	engine  authz.Applier
	changes *authz.Changes
	// turn holds one thing while nobody makes a change.
	turn chan struct{}
	// seq is that of the last change, or 0; unsure is that one may have been made
	// that nobody was told of. Both are the turn's.
	seq    uint64
	unsure bool
}

var _ authz.Applier = (*Applier)(nil)

// NewApplier is for an engine and the process's account of changes.
func NewApplier(engine authz.Applier, changes *authz.Changes) *Applier {
	a := &Applier{engine: engine, changes: changes, turn: make(chan struct{}, 1)}
	a.turn <- struct{}{}
	return a
}

// Apply implements authz.Applier.
func (a *Applier) Apply(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
	select {
	case <-a.turn:
	case <-ctx.Done():
		return authz.Applied{}, fmt.Errorf("wait for the change before: %w", context.Cause(ctx))
	}
	defer func() { a.turn <- struct{}{} }()
	if ctx.Err() != nil {
		return authz.Applied{}, fmt.Errorf("make a change: %w", context.Cause(ctx))
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTime)
	defer cancel()
	return a.apply(bounded, act, change)
}

// apply has the turn. A panic of the engine's is "could not tell" as well.
func (a *Applier) apply(ctx context.Context, act authz.Act, change authz.Mutation) (applied authz.Applied, err error) {
	before := a.unsure
	a.unsure = true
	defer func() {
		if before || a.unsure {
			a.changes.ApplyAll()
		}
	}()
	applied, err = a.engine.Apply(ctx, act, change)
	switch {
	case err == nil:
		a.made(applied, before)
	case refused(err):
		a.unsure = before
	default:
	}
	return applied, err
}

// made ticks what was touched. A number that does not follow the last one is that
// of a change after one that nobody was told of.
func (a *Applier) made(applied authz.Applied, before bool) {
	a.unsure = before
	if applied.Seq == 0 {
		return
	}
	if a.seq != 0 && applied.Seq != a.seq+1 {
		a.changes.ApplyAll()
	}
	a.seq, a.unsure = applied.Seq, false
	stripes := make([]authz.Stripe, len(applied.Touched))
	for i, t := range applied.Touched {
		stripes[i] = t.Stripe()
	}
	a.changes.Apply(stripes...)
}

// refused reports an error that says that nothing was changed.
func refused(err error) bool {
	return errors.Is(err, authz.ErrNotFound) || errors.Is(err, authz.ErrExists) || errors.Is(err, authz.ErrInvalid)
}
