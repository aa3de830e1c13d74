package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// requestsAStep is how many requests a step asks about under every rule.
const requestsAStep = 100

// rememberedVerdicts asks 100,000 times under each of the harness's policies.
func rememberedVerdicts() Case {
	return Case{
		Name:  "verdicts",
		About: "a remembered verdict that differs from the computed one",
		Steps: 1000,
		Open:  openVerdicts,
	}
}

// verdicts are the snapshots, one a rule.
type verdicts struct {
	seed      uint64
	snapshots []*authz.Snapshot
}

func openVerdicts(ctx context.Context, s Setting) (Campaign, error) {
	v := &verdicts{seed: s.Seed}
	keys := keyplan.NewKeys()
	for i, rule := range onekey.Rules() {
		dir := filepath.Join(s.Dir, strconv.Itoa(i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
		snapshot, err := onekey.World{Dir: dir, Rule: rule, Planned: onekey.Plans(keys)}.Build(ctx)
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", rule, err)
		}
		v.snapshots = append(v.snapshots, snapshot)
	}
	return v, nil
}

// Run implements Campaign.
func (v *verdicts) Run(ctx context.Context, from, to uint64) error {
	return crew{workers: 2, step: v.step}.run(ctx, from, to)
}

// step begins with an empty memory, so that it can be done again alone.
func (v *verdicts) step(ctx context.Context, number uint64) error {
	r := random(v.seed, number)
	for i, snapshot := range v.snapshots {
		pair, err := onekey.NewPair(snapshot, &onekey.Shelf{}, &authz.Changes{})
		if err != nil {
			return fmt.Errorf("make a pair: %w", err)
		}
		for range requestsAStep {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := pair.Ask(ctx, onekey.Draw(r)); err != nil {
				return fmt.Errorf("rule %q: %w", onekey.Rules()[i], err)
			}
		}
		if pair.Hits == 0 {
			return errors.New("nothing was remembered")
		}
	}
	return nil
}

// Close implements Campaign.
func (*verdicts) Close() error { return nil }
