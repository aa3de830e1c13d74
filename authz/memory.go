package authz

import (
	"errors"
	"net/http"
	"slices"
	"time"
)

// Digest is the key of a verdict: 256 bits that nobody outside the process can
// predict.
type Digest [32]byte

// KeyPlan turns a request on its route into the key of its verdict. It is safe
// for parallel use.
type KeyPlan interface {
	// Digest covers everything that any stage behind the match may look at: two
	// requests with one digest get one verdict. False means that there is no
	// such key, and the verdict is not remembered.
	Digest(*Attributes, Match) (Digest, bool)
}

// Memory holds remembered verdicts. It may lose any of them at any time, so that
// nothing may depend on one being there. It is safe for parallel use.
type Memory interface {
	// Recall gives what was remembered under exactly this digest, however dead:
	// the flow decides whether it may still be used. nil is nothing.
	Recall(Digest) *Remembered
	Remember(Digest, *Remembered)
}

// Life is how long a verdict may be remembered at the most. What is zero is not
// remembered.
type Life struct{ Allow, Deny time.Duration }

// Remembered is a verdict with everything that can end it. It holds nothing of
// the snapshot, so that it keeps no old one alive. It is shared and never changed.
type Remembered struct {
	verdict    Verdict
	generation uint64
	// tick was published before the first credential was looked at.
	tick    uint64
	stripes []Stripe
	expires time.Time
	// gates are asked each time that the verdict is told.
	gates []gate
}

// Allows tells verdicts that admit from those that do not, which a Memory may
// bound apart.
func (r *Remembered) Allows() bool { return r.verdict.Effect == Allow }

// Expires is when the verdict may no longer be used, whatever else holds.
func (r *Remembered) Expires() time.Time { return r.expires }

// Size is about what the verdict takes in memory, in bytes: its texts once, and
// once more in the answer that its Memo will hold.
func (r *Remembered) Size() int {
	const fixed = 1024
	return fixed + 2*r.texts()
}

func (r *Remembered) texts() int {
	v := &r.verdict
	size := len(v.Body) + len(v.Trail.Rule) + len(v.Trail.Message) + len(v.Trail.Tenant) +
		64*len(v.Trail.Tried) + 2*len(r.stripes) + r.gated() + sizeOf(v.Metadata) + sizeOf(v.Trail.Caller.Claims)
	for _, h := range slices.Concat(v.Headers, v.Upstream) {
		size += 32 + len(h.Name) + len(h.Value)
	}
	for _, text := range slices.Concat(v.Remove, v.Trail.Caller.Scopes) {
		size += 16 + len(text)
	}
	if v.Trail.Cause != nil {
		size += len(v.Trail.Cause.Error())
	}
	return size
}

func (r *Remembered) gated() (size int) {
	for i := range r.gates {
		size += 96 + 32*len(r.gates[i].networks)
	}
	return size
}

// sizeOf is about what a JSON value takes.
func sizeOf(value any) int {
	size := 16
	switch v := value.(type) {
	case string:
		size += len(v)
	case []any:
		for _, member := range v {
			size += sizeOf(member)
		}
	case map[string]any:
		for name, member := range v {
			size += 48 + len(name) + sizeOf(member)
		}
	}
	return size
}

// state says whether the verdict holds for a decision that begins now.
func (r *Remembered) state(d *decision) CacheState {
	switch {
	case r == nil:
		return CacheMiss
	case r.generation != d.snapshot.Generation:
		return CacheSuperseded
	case !d.start.Before(r.expires):
		return CacheExpired
	case d.changes == nil || d.changes.Since(r.tick, r.stripes):
		return CacheRevoked
	default:
		return CacheHit
	}
}

// retell gives the verdict as the one of this decision.
func (d *decision) retell(r *Remembered, state CacheState) Verdict {
	if err := d.stopped(r.gates); err != nil {
		d.state = state
		return d.deny(err)
	}
	v := r.verdict
	v.Trail.Generation, v.Trail.Cache = d.snapshot.Generation, state
	v.Trail.Route, v.Trail.Path, v.Trail.Params = d.match.Route, d.match.Path, d.match.Params
	return v
}

// keep makes what may be remembered of a verdict; nil where nothing may. Only a
// finished evaluation comes here with d.finished set.
func (d *decision) keep(v Verdict) *Remembered {
	life := d.snapshot.Life.Deny
	if v.Effect == Allow {
		life = d.snapshot.Life.Allow
	}
	if d.ttl >= 0 {
		life = min(life, d.ttl)
	}
	if !d.finished || !d.basis.Lasting || life <= 0 || v.Effect != Allow && !settled(v) {
		return nil
	}
	expires := d.start.Add(life)
	if until := d.basis.Until; !until.IsZero() && until.Before(expires) {
		expires = until
	}
	if !d.start.Before(expires) {
		return nil
	}
	v.Trail.Route, v.Trail.Path, v.Trail.Params = nil, "", nil
	if v.Trail.Cause != nil {
		v.Trail.Cause = errors.New(v.Trail.Cause.Error())
	}
	v = owned(v)
	v.Memo = &Memo{}
	return &Remembered{
		verdict: v, generation: d.snapshot.Generation, tick: d.tick,
		stripes: slices.Clone(d.basis.Stripes), expires: expires, gates: d.gates,
	}
}

// settled reports a denial that says something about the caller or the request.
// What says that nobody can tell, or asks to come back, is never remembered.
func settled(v Verdict) bool {
	if v.Status == http.StatusTooManyRequests || v.Status >= http.StatusInternalServerError {
		return false
	}
	switch v.Reason {
	case NoRoute, Unauthenticated, Rejected, InsecureTransport, OutOfScope, WrongTenant, WrongApplication, ByPolicy:
		return true
	default:
		return false
	}
}
