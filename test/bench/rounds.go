package main

import (
	"context"
	"fmt"
	"time"
)

// measured is what one window told of one target.
type measured struct {
	// cpu is the server's CPU time a Check, in microseconds.
	cpu float64
	// rate is Checks a second, objects the allocations a Check.
	rate, objects float64
	// hits is the share of Checks that the cache answered.
	hits float64
}

// settle is what a server gets after a window for what it does afterwards: to
// write its records and to collect its garbage. It counts as the window's.
const settle = 20 * time.Millisecond

// window drives a target for a time, and reads its clock before and after.
func window(t *target, p plan, span time.Duration) (measured, error) {
	_, pid := t.process.at()
	before, asking, err := t.countsAndCost()
	if err != nil {
		return measured{}, err
	}
	begun, err := cpuTime(pid)
	if err != nil {
		return measured{}, err
	}
	from := time.Now()
	checks, err := t.drive(p, span)
	if err != nil {
		return measured{}, err
	}
	took := time.Since(from)
	time.Sleep(settle)
	ended, err := cpuTime(pid)
	if err != nil {
		return measured{}, err
	}
	after, err := t.counts()
	if err != nil {
		return measured{}, err
	}
	if checks == 0 {
		return measured{}, fmt.Errorf("%s answered nothing within %s", t.name, span)
	}
	number := float64(checks)
	return measured{
		cpu: float64((ended - begun).Microseconds()) / number, rate: number / took.Seconds(),
		objects: (after.objects - before.objects - asking) / number, hits: (after.hits - before.hits) / number,
	}, nil
}

// countsAndCost asks twice: what a process allocates in order to tell is no
// Check's.
func (t *target) countsAndCost() (counted counts, objects float64, err error) {
	first, err := t.counts()
	if err != nil {
		return counts{}, 0, err
	}
	counted, err = t.counts()
	return counted, counted.objects - first.objects, err
}

func (t *target) counts() (counts, error) {
	counted, err := t.process.counts()
	if err != nil {
		return counts{}, fmt.Errorf("%s: %w", t.name, err)
	}
	return counted, nil
}

// rounds measures every target once a round, side by side, each time beginning
// with the next one, so that none is always the one after the busiest.
func rounds(ctx context.Context, targets []*target, p plan, o options) (map[string][]measured, error) {
	results := map[string][]measured{}
	for round := range o.windows {
		for i := range targets {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("measure: %w", err)
			}
			t := targets[(round+i)%len(targets)]
			m, err := window(t, p, o.window)
			if err != nil {
				return nil, fmt.Errorf("window %d: %w", round+1, err)
			}
			results[t.name] = append(results[t.name], m)
		}
	}
	return results, nil
}

// warm lets a target meet every request several times, and its runtime grow to
// its size.
func warm(t *target, p plan, o options) error {
	for asked := 0; asked < o.warm*len(p.frames); {
		checks, err := t.drive(p, o.window)
		if err != nil {
			return fmt.Errorf("warm up: %w", err)
		}
		asked += max(checks, 1)
	}
	return nil
}
