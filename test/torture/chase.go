package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// chase is one change that callers race: what began after the change had returned
// must be answered by it.
type chase struct {
	// ask gives the status of one Check: 200 is an allow.
	ask func(context.Context) (status int, err error)
	// turn makes the change, and returns when it is in force.
	turn func(context.Context) error
	// grants is a change after which callers pass; any other ends that.
	grants bool
	// warm callers have asked before, and are remembered.
	warm bool
	// lead is how long after the callers the change begins.
	lead time.Duration
}

const (
	chasers = 8
	// enough Checks of each chaser begin after the change.
	enough = 3
	// mostUnavailable bounds how often a chaser that may pass is told to come back: a
	// slow hash outlives its request.
	mostUnavailable = 100
)

// chased is what was seen.
type chased struct{ before, during, after atomic.Int64 }

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
		status, err := c.ask(ctx)
		if err != nil {
			return err
		}
		switch {
		case (status == 200) != c.grants && status != 503:
			settled++
		case status != 503 || tries == mostUnavailable:
			return fmt.Errorf("before the change it is %d", status)
		}
	}
	return nil
}

// chase asks until enough Checks began after the change.
func (c chase) chase(ctx context.Context, turned *atomic.Bool, seen *chased) error {
	for after, unavailable := 0, 0; after < enough; {
		began := turned.Load() // before the Check begins
		status, err := c.ask(ctx)
		switch {
		case err != nil:
			return err
		case !began && turned.Load():
			seen.during.Add(1)
		case !began:
			seen.before.Add(1)
		case status == 200 && !c.grants:
			return errors.New("allowed by a Check that began after the change had returned")
		case status == 503 && c.grants && unavailable < mostUnavailable:
			unavailable++
		case status != 200 && c.grants:
			return fmt.Errorf("refused with %d by a Check that began after the change had returned", status)
		default:
			after++
			seen.after.Add(1)
		}
	}
	return nil
}
