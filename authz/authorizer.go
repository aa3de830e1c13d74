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
	since  atomic.Pointer[time.Time]
	limits Limits
	slots  chan struct{}
	shed   atomic.Uint64
	now    func() time.Time

	// memory and changes are both nil where nothing is remembered.
	memory  Memory
	changes *Changes
	flights flights
}

// Remembering makes the Authorizer remember verdicts on routes that have a key
// plan. It is called before the first Check. changes is the account of what is
// revoked while a snapshot lives.
func (a *Authorizer) Remembering(memory Memory, changes *Changes) error {
	if memory == nil || changes == nil {
		return errors.New("a memory without an account of changes would not forget")
	}
	a.memory, a.changes = memory, changes
	return nil
}

// Load is what an Authorizer is doing.
type Load struct {
	// Generation is the live snapshot's; 0 is none. Since is when it went live.
	Generation uint64
	Since      time.Time
	// InFlight is how many Checks are being decided, Limit how many may be.
	InFlight, Limit int
	// Shed is how many were turned away since the start because of it, or because
	// the policy was busy.
	Shed uint64
}

// Load tells what is going on now.
func (a *Authorizer) Load() Load {
	load := Load{InFlight: len(a.slots), Limit: cap(a.slots), Shed: a.shed.Load()}
	if snapshot := a.live.Load(); snapshot != nil {
		load.Generation = snapshot.Generation
	}
	if since := a.since.Load(); since != nil {
		load.Since = *since
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
func (a *Authorizer) Swap(s *Snapshot) {
	since := a.now()
	a.since.Store(&since)
	a.live.Store(s)
}

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
			verdict = a.decision(nil).deny(Panicked(r))
		}
	}()
	if !d.snapshot.complete() {
		return d.deny(errNoSnapshot)
	}
	if err := d.route(); err != nil {
		return d.deny(err)
	}
	remembered, state := a.recall(d)
	if state == CacheHit {
		return d.retell(remembered, state)
	}
	verdict = a.await(ctx, d, state)
	if errors.Is(verdict.Trail.Cause, ErrBusy) {
		a.shed.Add(1)
	}
	return verdict
}

// recall looks the verdict up. Whatever is wrong with what was found, the
// request is decided anew.
func (a *Authorizer) recall(d *decision) (*Remembered, CacheState) {
	if a.memory == nil || d.match.Route.Plan == nil {
		return nil, CacheNone
	}
	if d.digest, d.keyed = d.match.Route.Plan.Digest(d.attributes, d.match); !d.keyed {
		return nil, CacheNone
	}
	remembered := a.memory.Recall(d.digest)
	return remembered, remembered.state(d)
}

// Refuse is the verdict on a request whose attributes could not be read.
func (a *Authorizer) Refuse(err error) Verdict { return a.decision(nil).deny(err) }

// decision begins a Check. The tick is read before anything else: what changes
// afterwards is later than whatever this Check will have found.
func (a *Authorizer) decision(attributes *Attributes) *decision {
	tick := uint64(0)
	if a.changes != nil {
		tick = a.changes.Tick()
	}
	snapshot := a.live.Load()
	if snapshot == nil {
		snapshot = &Snapshot{}
	}
	unmatched := Match{Route: &Route{Format: snapshot.Format}}
	return &decision{
		snapshot: snapshot, attributes: attributes, match: unmatched, now: a.now,
		start: a.now(), changes: a.changes, tick: tick, ttl: -1, basis: Lasting(),
	}
}
