package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// million holds a store of 1,000,000 tokens against one of 1,000.
func million() Case {
	return Case{
		Name:  "million",
		About: "among 1,000,000 tokens a lookup costs more than 1.5 times what it does among 1,000, a start takes more than 2 s, kill -9 loses something, or the store is not sound",
		Steps: 20,
		Open:  openMillion,
	}
}

const (
	many, few = 1_000_000, 1_000
	// mostDearer is what a lookup among many may cost, by what it costs among few.
	mostDearer = 1.5
	// lookupRounds are interleaved, each of so many lookups of a kind.
	lookupRounds, lookups = 21, 500
	// warmRounds come before: a file that was just mapped costs a fault a page.
	warmRounds = 100
)

// millions is the campaign. Without time to judge there are 2,000 tokens, and few rounds.
type millions struct {
	Setting
	many, few *storeProgram
	tokens    int
	rounds    int
	filled    time.Duration
	bytes     int64
	seen      struct {
		// dearer are the ratios of tokens that are there and of such that are not, and
		// costs what one among few and one among many took.
		dearer [2][]float64
		costs  [2][2]time.Duration
		starts []time.Duration
		kept   int
	}
}

func openMillion(ctx context.Context, setting Setting) (Campaign, error) {
	m := &millions{Setting: setting, tokens: many, rounds: lookupRounds}
	if setting.Untimed {
		m.tokens, m.rounds = 2*few, 1
	}
	file, err := buildStoreProgram(ctx, setting.Dir)
	if err != nil {
		return nil, err
	}
	for _, each := range []struct {
		program **storeProgram
		name    string
		tokens  int
	}{{&m.few, "few", few}, {&m.many, "many", m.tokens}} {
		if *each.program, err = newStoreProgram(file, filepath.Join(setting.Dir, each.name), killConfiguration); err != nil {
			return nil, err
		}
		begun := time.Now()
		if err := fill(ctx, (*each.program).database(), each.tokens); err != nil {
			return nil, err
		}
		m.filled = time.Since(begun)
	}
	info, err := os.Stat(m.many.database())
	if err != nil {
		return nil, fmt.Errorf("look at the store: %w", err)
	}
	m.bytes = info.Size()
	return m, nil
}

// Run implements Campaign.
func (m *millions) Run(ctx context.Context, from, to uint64) error {
	return inTurn(ctx, from, to, m.step)
}

// step looks tokens up, kills a server and, now and then, reads the whole store.
func (m *millions) step(ctx context.Context, number uint64) error {
	r := random(m.Seed, number)
	if err := m.lookUp(ctx, r); err != nil {
		return err
	}
	if err := m.killed(ctx, r); err != nil {
		return err
	}
	const often = 10
	if number%often != 0 {
		return nil
	}
	return m.many.check(ctx)
}

// lookUp compares what lookups cost.
func (m *millions) lookUp(ctx context.Context, r *rand.Rand) (err error) {
	var sides [2]side
	for i, p := range []*storeProgram{m.few, m.many} {
		store, err := sqlite.Open(ctx, sqlite.Settings{Path: p.database(), Now: time.Now})
		if err != nil {
			return fmt.Errorf("open: %w", err)
		}
		sides[i] = side{store: store, tokens: uint32([]int{few, m.tokens}[i])}
	}
	defer func() { err = errors.Join(err, sides[0].store.Close(), sides[1].store.Close()) }()
	if err := m.warm(ctx, r, sides); err != nil {
		return err
	}
	for range m.rounds {
		for i := range sides {
			for _, missing := range []bool{false, true} {
				if err := sides[i].round(ctx, r, missing); err != nil {
					return err
				}
			}
		}
	}
	for kind := range 2 {
		costs := [2]time.Duration{percentile(sides[0].took[kind], 50), percentile(sides[1].took[kind], 50)}
		dearer := float64(costs[1]) / float64(costs[0])
		m.seen.costs[kind], m.seen.dearer[kind] = costs, append(m.seen.dearer[kind], dearer)
		if dearer > mostDearer && !m.Untimed {
			return fmt.Errorf("%d lookups of %s took %s among %d and %s among %d, %.2f times as long",
				lookups, []string{"a token", "none"}[kind], costs[0], few, costs[1], m.tokens, dearer)
		}
	}
	return nil
}

// warm lets each store be looked into for a while, as one that serves is.
func (m *millions) warm(ctx context.Context, r *rand.Rand, sides [2]side) error {
	for range warmRounds * m.rounds / lookupRounds {
		for _, one := range sides {
			if err := one.round(ctx, r, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// side is a store that is looked into; took are its rounds, of tokens that are there
// and of such that are not.
type side struct {
	store  *sqlite.Store
	tokens uint32
	took   [2][]time.Duration
}

// round draws first, so that drawing is not measured.
func (s *side) round(ctx context.Context, r *rand.Rand, missing bool) error {
	kind, beyond := 0, uint32(1)
	if missing {
		kind, beyond = 1, 1<<31
	}
	refs := make([]authz.TokenRef, lookups)
	for i := range refs {
		refs[i] = filledRef(r.Uint32N(s.tokens) + beyond)
	}
	begun := time.Now()
	for _, ref := range refs {
		if t, err := s.store.Token(ctx, ref); errors.Is(err, authz.ErrNotFound) != missing || !missing && (err != nil || t.Ref != ref) {
			return fmt.Errorf("look up %v: %+v, %w", ref, t, err)
		}
	}
	s.took[kind] = append(s.took[kind], time.Since(begun))
	return nil
}

// killed starts a server, kills it among changes and starts it again.
func (m *millions) killed(ctx context.Context, r *rand.Rand) (err error) {
	defer func() { err = errors.Join(err, m.many.kill()) }()
	if err := m.start(ctx); err != nil {
		return err
	}
	w := &witnesses{program: m.many, of: filledRef(r.Uint32N(uint32(m.tokens)) + 1)}
	if err := w.watch(ctx, time.Duration(r.Int64N(int64(mostWriting)))); err != nil {
		return err
	}
	if err := m.start(ctx); err != nil {
		return err
	}
	m.seen.kept += w.told()
	return w.testify(ctx)
}

func (m *millions) start(ctx context.Context) error {
	took, err := m.many.start(ctx)
	m.seen.starts = append(m.seen.starts, took)
	if err == nil && took > mostStart && !m.Untimed {
		err = fmt.Errorf("the start took %s", took)
	}
	return err
}

// String tells what was seen.
func (m *millions) String() string {
	s := &m.seen
	each := func(kind int) string {
		return fmt.Sprintf("%s among %d and %s among %d, %.2f times as long at the middle and %.2f at most",
			(s.costs[kind][0] / lookups).Round(time.Nanosecond), few, (s.costs[kind][1] / lookups).Round(time.Nanosecond), m.tokens, percentile(s.dearer[kind], 50), percentile(s.dearer[kind], 100))
	}
	return fmt.Sprintf("%d tokens filled in %s by direct rows: %d bytes a token in the file, feed and audit included; a lookup of a token takes %s; of none %s; starts p50 %s, longest %s; %d changes acknowledged before kill -9 and none lost",
		m.tokens, m.filled.Round(time.Second), m.bytes/int64(m.tokens), each(0), each(1), quantile(s.starts, 50), quantile(s.starts, 100), s.kept)
}

// Close implements Campaign.
func (*millions) Close() error { return nil }
