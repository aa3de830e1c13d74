package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// chase is one change that callers race: what began after the change had returned
// must be answered by it.
type chase struct {
	// ask gives the answer to one Check.
	ask func(context.Context) (reply, error)
	// turn makes the change, and returns when it is in force.
	turn func(context.Context) error
	// grants is a change after which callers pass; any other ends that.
	grants bool
	// refusal is what whoever may not pass is told. Any other refusal says that the
	// server did not do what was asked of it, however safe that is.
	refusal refusal
	// hashed callers cost a slow hash, of which each address and account has so many.
	hashed bool
	// warm callers have asked before, and are remembered.
	warm bool
	// lead is how long after the callers the change begins.
	lead time.Duration
}

// refusal is a denial that says something about the caller.
type refusal struct {
	status int
	reason authz.Reason
}

const (
	chasers = 8
	// enough Checks of each chaser begin after the change.
	enough = 3
	// mostLater bounds how often a chaser is told to come back, for a slow hash outlives
	// its request: a server that is never there refuses nobody.
	mostLater = 100
)

// chased is what was seen.
type chased struct{ before, during, after, later atomic.Int64 }

// outcome is what an answer says of the caller.
type outcome int

const (
	passed outcome = iota + 1
	refused
	later
)

// outcome gives an error for an answer that is none of the three.
func (c chase) outcome(got reply) (outcome, error) {
	switch {
	case got.status == 200:
		return passed, nil
	case (refusal{got.status, got.reason}) == c.refusal:
		return refused, nil
	case got.status == 503 && got.reason == authz.Unavailable && got.retry != "":
		return later, nil
	case got.status == 429 && got.reason == authz.Throttled && got.retry != "" && c.hashed:
		time.Sleep(time.Second) // as it was told
		return later, nil
	default:
		return 0, fmt.Errorf("answered %+v, which neither allows nor refuses with %+v", got, c.refusal)
	}
}

// due is the outcome before the change, or after it.
func (c chase) due(after bool) outcome {
	if after == c.grants {
		return passed
	}
	return refused
}

// run races once.
func (c chase) run(ctx context.Context, seen *chased) error {
	if c.warm {
		if err := c.warmUp(ctx); err != nil {
			return err
		}
	}
	var turned atomic.Bool
	var errs [chasers]error
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = c.chase(ctx, &turned, seen) })
	}
	time.Sleep(c.lead)
	err := c.turn(ctx)
	turned.Store(true)
	group.Wait()
	return errors.Join(err, errors.Join(errs[:]...))
}

// warmUp asks until the answer is that from before the change, twice in a row.
func (c chase) warmUp(ctx context.Context) error {
	for settled, tries := 0, 0; settled < 2; tries++ {
		got, err := c.ask(ctx)
		if err != nil {
			return err
		}
		switch what, err := c.outcome(got); {
		case err != nil || what != c.due(false) && (what != later || tries == mostLater):
			return errors.Join(fmt.Errorf("before the change it is %+v", got), err)
		case what != later:
			settled++
		}
	}
	return nil
}

// chase asks until enough Checks began after the change.
func (c chase) chase(ctx context.Context, turned *atomic.Bool, seen *chased) error {
	for after, put := 0, 0; after < enough; {
		began := turned.Load() // before the Check begins
		got, err := c.ask(ctx)
		if err != nil {
			return err
		}
		what, err := c.outcome(got)
		switch {
		case err != nil:
			return err
		case !began && turned.Load():
			seen.during.Add(1)
		case !began:
			seen.before.Add(1)
		case what == c.due(true):
			after++
			seen.after.Add(1)
		case what == later && put < mostLater:
			put++
			seen.later.Add(1)
		default:
			return fmt.Errorf("answered %+v, and not by the change, by a Check that began after the change had returned", got)
		}
	}
	return nil
}
