package authz

import (
	"context"
	"fmt"
	"time"
)

// await decides within the budget of the request: alone, or together with equal
// requests where the verdict may be shared.
func (a *Authorizer) await(ctx context.Context, d *decision, state CacheState) Verdict {
	limit := a.budget(ctx)
	if limit < shortestWork || ctx.Err() != nil {
		return d.deny(errDeadline)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := d.look(); err != nil {
		return d.deny(err)
	}
	d.state = CacheNone
	if !d.keyed || !d.reusable() {
		return a.alone(ctx, d)
	}
	d.state = state
	return a.together(ctx, d)
}

// alone decides in a goroutine of its own, so that an evaluation that does not
// look at its context cannot make the answer late. Such an evaluation keeps its
// slot until it ends, which bounds how many there can be.
func (a *Authorizer) alone(ctx context.Context, d *decision) Verdict {
	f, late := &flight{done: make(chan struct{})}, *d
	if !a.fly(ctx, d, f, func() { close(f.done) }) {
		return d.deny(errOverload)
	}
	return late.landing(ctx, f)
}

// together joins the flight of an equal request, or begins one that outlives
// its request. What a flight gives to those who joined is looked at like
// anything remembered: who began after a revocation must not be handed an answer
// from before it, and then decides anew.
func (a *Authorizer) together(ctx context.Context, d *decision) Verdict {
	key := flightKey{d.digest, d.snapshot.Generation}
	f, first := a.flights.join(key)
	if first {
		return a.first(ctx, d, f, key)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return d.deny(fmt.Errorf("wait for an equal check: %w", context.Cause(ctx)))
	}
	switch {
	case f.verdict.Reason == Unavailable && f.verdict.Effect == Deny:
		return d.deny(fmt.Errorf("an equal check: %w", orUnknown(f.verdict.Trail.Cause)))
	case f.kept == nil || f.kept.state(d) != CacheHit:
		return a.alone(ctx, d)
	default:
		return d.retell(f.kept, CacheJoined)
	}
}

// first begins a flight, unless one has landed since this request looked: what it
// brought is there then.
func (a *Authorizer) first(ctx context.Context, d *decision, f *flight, key flightKey) Verdict {
	landed := a.memory.Recall(d.digest)
	if landed.state(d) != CacheHit {
		return a.lead(ctx, d, f, key)
	}
	f.verdict, f.kept = landed.verdict, landed
	a.flights.land(key, f)
	return d.retell(landed, CacheHit)
}

// lead flies for everybody who joins. Its context ends with the process's own
// bound and not with the request that happened to come first.
func (a *Authorizer) lead(ctx context.Context, d *decision, f *flight, key flightKey) Verdict {
	late := *d
	shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.limits.Timeout)
	land := func() {
		cancel()
		if f.kept != nil {
			a.memory.Remember(key.digest, f.kept)
		}
		a.flights.land(key, f)
	}
	if !a.fly(shared, d, f, land) {
		cancel()
		f.verdict = d.deny(errOverload)
		a.flights.land(key, f)
		return f.verdict
	}
	return late.landing(ctx, f)
}

// fly takes a slot and decides; false where none is free. land is called when
// the flight's results stand.
func (a *Authorizer) fly(ctx context.Context, d *decision, f *flight, land func()) bool {
	select {
	case a.slots <- struct{}{}:
	default:
		a.shed.Add(1)
		return false
	}
	go func() {
		defer func() { <-a.slots }()
		defer land()
		f.verdict = d.safely(ctx)
		f.kept = d.keep(f.verdict)
	}()
	return true
}

// landing waits for a flight that the request itself began.
func (d *decision) landing(ctx context.Context, f *flight) Verdict {
	select {
	case <-f.done:
		return f.verdict
	case <-ctx.Done():
		return d.deny(fmt.Errorf("decide: %w", context.Cause(ctx)))
	}
}

func orUnknown(cause error) error {
	if cause == nil {
		return errOverload
	}
	return cause
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
