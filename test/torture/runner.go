package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// stretch is what the steps between two looks at the clock should take, and
// report how often progress is told and kept.
const (
	stretch = 500 * time.Millisecond
	report  = 15 * time.Second
)

// errUnfinished tells a run that did not get to the end from one that found
// something.
var (
	errUnfinished = errors.New("not finished: the same command goes on")
	errFinding    = errors.New("finding")
)

// runner does the steps of one case from where it stands.
type runner struct {
	what Case
	at   state
	out  io.Writer
	// keep is called now and then, and at the end.
	keep func(state) error
}

// run does all that is left. The error is a finding, errUnfinished, or what
// kept the case from being run at all.
func (r *runner) run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "torture-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	campaign, err := r.what.Open(ctx, Setting{Seed: r.at.Seed, Dir: dir})
	if err != nil {
		return fmt.Errorf("open %s: %w", r.what.Name, err)
	}
	defer func() { err = errors.Join(err, campaign.Close()) }()
	err = r.steps(ctx, campaign)
	if seen, ok := campaign.(fmt.Stringer); ok {
		fmt.Fprintf(r.out, "torture %s: %s\n", r.what.Name, seen)
	}
	err = errors.Join(err, r.keep(r.at))
	r.tell(err)
	return err
}

// steps does stretches that grow until one takes long enough to be worth a look
// at the clock.
func (r *runner) steps(ctx context.Context, campaign Campaign) error {
	size, told := uint64(1), time.Now()
	for r.at.Done < r.what.Steps {
		to := min(r.at.Done+size, r.what.Steps)
		begun := time.Now()
		if err := campaign.Run(ctx, r.at.Done, to); err != nil {
			return r.judge(ctx, err)
		}
		took := time.Since(begun)
		r.at.Done, r.at.Spent = to, r.at.Spent+took
		if took < stretch {
			size *= 2
		}
		if time.Since(told) < report {
			continue
		}
		told = time.Now()
		fmt.Fprintf(r.out, "torture %s: %d of %d steps, %s\n", r.what.Name, r.at.Done, r.what.Steps, r.at.Spent.Round(time.Second))
		if err := r.keep(r.at); err != nil {
			return err
		}
	}
	return nil
}

// judge tells a finding from an interruption, which steps see as an error too.
func (r *runner) judge(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errUnfinished
	}
	return fmt.Errorf("%w: %w\nagain: make torture CASE=%s SEED=%d FROM=%d", errFinding, err, r.what.Name, r.at.Seed, r.at.Done)
}

// tell is the last line.
func (r *runner) tell(err error) {
	result := "no finding"
	switch {
	case errors.Is(err, errFinding):
		result = "A FINDING"
	case err != nil:
		result = "no finding so far"
	}
	fmt.Fprintf(r.out, "torture %s: %d of %d steps, seed %d, %s: %s\n",
		r.what.Name, r.at.Done, r.what.Steps, r.at.Seed, r.at.Spent.Round(time.Millisecond), result)
}
