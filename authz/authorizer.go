package authz

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Limits bound what one process spends on Checks.
type Limits struct {
	// InFlight is how many Checks are decided at once; the next one is shed.
	InFlight int
	// Timeout ends a Check whose caller set no nearer deadline.
	Timeout time.Duration
	// Margin is kept of the caller's deadline, so that the answer arrives
	// before it: what arrives later counts as an error, which Envoy may allow.
	Margin time.Duration
}

// Authorizer answers Checks from the live snapshot. It is safe for parallel use.
type Authorizer struct {
	live   atomic.Pointer[Snapshot]
	limits Limits
	slots  chan struct{}
	shed   atomic.Uint64
	now    func() time.Time
}

// Load is what an Authorizer is doing.
type Load struct {
	// Generation is the live snapshot's; 0 is none.
	Generation uint64
	// InFlight is how many Checks are being decided, Limit how many may be.
	InFlight, Limit int
	// Shed is how many were turned away since the start because of it.
	Shed uint64
}

// Load tells what is going on now.
func (a *Authorizer) Load() Load {
	load := Load{InFlight: len(a.slots), Limit: cap(a.slots), Shed: a.shed.Load()}
	if snapshot := a.live.Load(); snapshot != nil {
		load.Generation = snapshot.Generation
	}
	return load
}

// NewAuthorizer makes an Authorizer without a snapshot: it denies until Swap.
func NewAuthorizer(limits Limits, now func() time.Time) (*Authorizer, error) {
	if limits.InFlight < 1 || limits.Timeout < shortestWork || limits.Margin <= 0 {
		return nil, fmt.Errorf("limits %+v: each must be above zero, the timeout at least %s", limits, shortestWork)
	}
	if now == nil {
		return nil, errors.New("no clock")
	}
	return &Authorizer{limits: limits, slots: make(chan struct{}, limits.InFlight), now: now}, nil
}

// Swap makes s the live snapshot. Checks under way finish on the old one.
func (a *Authorizer) Swap(s *Snapshot) { a.live.Store(s) }

// errNoSnapshot, errOverload and errDeadline all mean that nobody can tell.
var (
	errNoSnapshot = errors.New("no snapshot is live")
	errOverload   = errors.New("too many checks in flight")
	errDeadline   = errors.New("deadline too near to decide")
)

// Check decides. There is no error result: whatever goes wrong, a panic
// included, is a denial, and only a finished evaluation allows.
func (a *Authorizer) Check(ctx context.Context, attributes *Attributes) (verdict Verdict) {
	d := a.decision(attributes)
	defer func() {
		if r := recover(); r != nil {
			verdict = a.decision(nil).deny(fmt.Errorf("panic: %v", r))
		}
	}()
	if !d.snapshot.complete() {
		return d.deny(errNoSnapshot)
	}
	if err := d.route(); err != nil {
		return d.deny(err)
	}
	return a.await(ctx, d)
}

// Refuse is the verdict on a request whose attributes could not be read.
func (a *Authorizer) Refuse(err error) Verdict { return a.decision(nil).deny(err) }

func (a *Authorizer) decision(attributes *Attributes) *decision {
	snapshot := a.live.Load()
	if snapshot == nil {
		snapshot = &Snapshot{}
	}
	unmatched := Match{Route: &Route{Format: snapshot.Format}}
	return &decision{snapshot: snapshot, attributes: attributes, match: unmatched, now: a.now}
}

// await decides in a goroutine of its own, so that an evaluation that does not
// look at its context cannot make the answer late. Such an evaluation keeps its
// slot until it ends, which bounds how many there can be.
func (a *Authorizer) await(ctx context.Context, d *decision) Verdict {
	limit := a.budget(ctx)
	if limit < shortestWork || ctx.Err() != nil {
		return d.deny(errDeadline)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case a.slots <- struct{}{}:
	default:
		a.shed.Add(1)
		return d.deny(errOverload)
	}
	done := make(chan Verdict, 1)
	late := *d
	go func() {
		defer func() { <-a.slots }()
		done <- d.safely(ctx)
	}()
	select {
	case verdict := <-done:
		return verdict
	case <-ctx.Done():
		return late.deny(fmt.Errorf("decide: %w", context.Cause(ctx)))
	}
}

// budget is the caller's deadline less the margin, or the timeout. A margin of
// more than a quarter of what is left would leave too little to decide in.
func (a *Authorizer) budget(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return a.limits.Timeout
	}
	left := time.Until(deadline) //nolint:forbidigo // a context's deadline is on the process's own clock
	return min(a.limits.Timeout, left-max(min(a.limits.Margin, left/4), shortestMargin))
}

const (
	// shortestMargin is what sending an answer takes at the least.
	shortestMargin = 2 * time.Millisecond
	// shortestWork is what is worth beginning: an evaluation with less left ends
	// unfinished, and takes the place of one that would not.
	shortestWork = 5 * time.Millisecond
)
