package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

// Case is one campaign.
type Case struct {
	// Name is what CASE= takes.
	Name string
	// About says in a line what a finding would be.
	About string
	// Steps is how much work there is.
	Steps uint64
	// Open prepares what all steps need. The campaign runs until Close.
	Open func(context.Context, Setting) (Campaign, error)
}

// Setting is what a campaign is opened with.
type Setting struct {
	Seed uint64
	// Dir is an empty folder that is gone afterwards.
	Dir string
	// Untimed makes no finding of what a busy machine can spoil.
	Untimed bool
}

// Campaign does steps. An error is a finding, or an ended context. What a
// Campaign that is a fmt.Stringer tells is printed when it ends.
type Campaign interface {
	// Run does the steps from the first number up to, and without, the second.
	Run(ctx context.Context, from, to uint64) error
	Close() error
}

// inTurn does the steps of a Campaign one after the other.
func inTurn(ctx context.Context, from, to uint64, step func(context.Context, uint64) error) error {
	for number := from; number < to; number++ {
		if err := step(ctx, number); err != nil {
			return fmt.Errorf("step %d: %w", number, err)
		}
	}
	return nil
}

// cases is the one list.
func cases() []Case {
	return []Case{
		hostileFrames(),
		overload(),
		reloads(),
		kills(),
		million(),
		races(),
		passwords(),
		timing(),
		rememberedVerdicts(),
		deciderCase(),
		tenants(),
	}
}

// find gives the case with a name.
func find(name string) (Case, error) {
	for _, c := range cases() {
		if c.Name == name {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("no case %q: make torture lists them", name)
}

// random is what one step draws from, whoever does it and when.
func random(seed, step uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, step))
}

// crew does steps at the same time.
type crew struct {
	workers int
	step    func(context.Context, uint64) error
}

// run does the steps from the first number up to, and without, the second. It
// stops at the first error, to which it adds the step's number.
func (c crew) run(ctx context.Context, from, to uint64) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	numbers := make(chan uint64)
	var running sync.WaitGroup
	for range c.workers {
		running.Go(func() {
			for number := range numbers {
				if err := c.step(ctx, number); err != nil {
					stop(fmt.Errorf("step %d: %w", number, err))
				}
			}
		})
	}
	for number := from; number < to && ctx.Err() == nil; number++ {
		select {
		case numbers <- number:
		case <-ctx.Done():
		}
	}
	close(numbers)
	running.Wait()
	return context.Cause(ctx)
}
