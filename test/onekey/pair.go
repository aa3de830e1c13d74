package onekey

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport-authz/sallyport/authz"
)

// Pair is two Authorizers on one snapshot, of which one remembers.
type Pair struct {
	remembers, forgets *authz.Authorizer
	// Hits counts the verdicts that were remembered, Allowed those of them that allow.
	Hits, Allowed int
}

// NewPair makes a pair over a memory.
func NewPair(snapshot *authz.Snapshot, memory authz.Memory, changes *authz.Changes) (*Pair, error) {
	limits := authz.Limits{InFlight: 64, Timeout: time.Minute, Margin: time.Millisecond}
	remembers, err := authz.NewAuthorizer(limits, time.Now)
	if err != nil {
		return nil, err
	}
	forgets, err := authz.NewAuthorizer(limits, time.Now)
	if err != nil {
		return nil, err
	}
	if err := remembers.Remembering(memory, changes); err != nil {
		return nil, err
	}
	remembers.Swap(snapshot)
	forgets.Swap(snapshot)
	return &Pair{remembers: remembers, forgets: forgets}, nil
}

// Ask asks both. The error is a difference.
func (p *Pair) Ask(ctx context.Context, a *authz.Attributes) error {
	got, want := p.remembers.Check(ctx, a), p.forgets.Check(ctx, a)
	if got.Trail.Cache == authz.CacheHit {
		p.Hits++
		if got.Effect == authz.Allow {
			p.Allowed++
		}
	}
	if diff := cmp.Diff(got, want, cmpopts.IgnoreFields(authz.Verdict{}, "Trail", "Memo")); diff != "" {
		return fmt.Errorf("%+v %+v (-remembered +computed):\n%s", *a, *a.Request, diff)
	}
	is, was := got.Trail, want.Trail
	if is.Caller.Subject != was.Caller.Subject || is.Tenant != was.Tenant || is.Route != was.Route || is.Path != was.Path || is.Rule != was.Rule {
		return fmt.Errorf("%+v %+v: the record says\n%+v\nand should\n%+v", *a, *a.Request, is, was)
	}
	return nil
}
