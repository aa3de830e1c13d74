package facts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	// mostQuestions bounds those under way together with those that wait for their turn.
	mostQuestions = 256
	// mostWaiting bounds who waits for them: a source that hangs, and somebody who
	// makes up keys, must not hold every place in which Checks are decided.
	mostWaiting = 128
	// What is remembered, in bytes.
	mostFacts   = 16 << 20
	mostNothing = 2 << 20
	// longestNothing is how long it holds at the most that there is nothing: it may be
	// there a moment after somebody asked.
	longestNothing = 5 * time.Second
)

// What nobody can tell, though the source may know.
var (
	errCrowded = errors.New("too many wait for the source")
	errLate    = errors.New("the answer came too late to hold")
)

// Fact is what a source says about a key.
type Fact[T any] struct {
	Value T
	// Nothing says that there is none of what was asked for, and with Value why.
	Nothing bool
	// Until is when it may turn by itself; the zero time is not before it is too old,
	// and neither is one that was past when the question was asked: it has turned. A
	// Desk gives the time until which the fact counts, which is never zero.
	Until time.Time
	// Size is about how many bytes Value takes.
	Size int
}

// Settings are one source. Each field is needed.
type Settings[T any] struct {
	// Ask is one question. Its error is "could not tell". The key is a copy, and belongs
	// to no request.
	Ask func(ctx context.Context, key string) (Fact[T], error)
	// MaxAge is how long an answer counts. Where there is nothing it is five seconds at
	// most.
	MaxAge time.Duration
	// Timeout bounds one question, the wait for its turn included.
	Timeout time.Duration
	// MostCalls bounds the questions at once.
	MostCalls int
	Now       func() time.Time
}

// Desk is where questions to one source are asked: about each key once at a time, and
// once in the age of an answer. It is safe for parallel use.
type Desk[T any] struct {
	settings Settings[T]
	secret   [32]byte
	turns    chan struct{}
	waiting  atomic.Int64

	mu             sync.Mutex
	flights        map[digest]*flight[T]
	facts, nothing memory[T]
}

// flight is one question that equal ones wait for together.
type flight[T any] struct {
	// done is closed when fact and err are set.
	done chan struct{}
	fact Fact[T]
	err  error
}

// New makes a Desk, or says what is wrong with the settings. Nobody is asked yet.
func New[T any](s Settings[T]) (*Desk[T], error) {
	if s.Ask == nil || s.Now == nil || s.MaxAge <= 0 || s.Timeout <= 0 || s.MostCalls <= 0 {
		return nil, errors.New("facts: a source, a clock, an age, a timeout and a number of calls are needed")
	}
	d := &Desk[T]{
		settings: s, turns: make(chan struct{}, s.MostCalls), flights: map[digest]*flight[T]{},
		facts:   memory[T]{most: mostFacts, life: s.MaxAge},
		nothing: memory[T]{most: mostNothing, life: longestNothing},
	}
	_, _ = rand.Read(d.secret[:]) // it never fails
	return d, nil
}

// Ask gives what is known of a key, or asks. It ends with the context at the latest,
// which does not end the question: others may wait for it. An error is "could not tell".
func (d *Desk[T]) Ask(ctx context.Context, key string) (Fact[T], error) {
	f, err := d.board(ctx, key)
	if err != nil {
		return Fact[T]{}, err
	}
	if err := d.wait(ctx, f); err != nil {
		return Fact[T]{}, err
	}
	switch {
	case f.err != nil:
		return Fact[T]{}, f.err
	case !d.settings.Now().Before(f.fact.Until):
		return Fact[T]{}, errLate
	default:
		return f.fact, nil
	}
}

// wait ends when the flight has landed. Who finds no room waits for nothing, and its
// question goes on: whoever comes back finds the answer.
func (d *Desk[T]) wait(ctx context.Context, f *flight[T]) error {
	select {
	case <-f.done:
		return nil
	default:
	}
	defer d.waiting.Add(-1)
	if d.waiting.Add(1) > mostWaiting {
		return errCrowded
	}
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the answer: %w", context.Cause(ctx))
	}
}

// board gives the flight that answers: one that landed before, one that is under way,
// or a new one if there is room.
func (d *Desk[T]) board(ctx context.Context, key string) (*flight[T], error) {
	sum := d.digestOf(key)
	d.mu.Lock()
	defer d.mu.Unlock()
	if fact, ok := d.known(sum); ok {
		landed := &flight[T]{done: make(chan struct{}), fact: fact}
		close(landed.done)
		return landed, nil
	}
	if under, ok := d.flights[sum]; ok {
		return under, nil
	}
	if len(d.flights) >= mostQuestions {
		return nil, errCrowded
	}
	begun := &flight[T]{done: make(chan struct{})}
	d.flights[sum] = begun
	// The text is part of the request's, which the question outlives: it keeps a copy.
	go d.fly(context.WithoutCancel(ctx), begun, strings.Clone(key))
	return begun, nil
}

func (d *Desk[T]) known(sum digest) (Fact[T], bool) {
	now := d.settings.Now()
	if fact, ok := d.facts.recall(sum, now); ok {
		return fact, true
	}
	return d.nothing.recall(sum, now)
}

// fly asks for everybody who waits. What nobody could tell is not remembered.
func (d *Desk[T]) fly(ctx context.Context, f *flight[T], key string) {
	f.fact, f.err = d.question(ctx, key)
	sum := d.digestOf(key)
	d.mu.Lock()
	delete(d.flights, sum)
	switch {
	case f.err != nil:
	case f.fact.Nothing:
		d.nothing.remember(sum, f.fact, d.settings.Now())
	default:
		d.facts.remember(sum, f.fact, d.settings.Now())
	}
	d.mu.Unlock()
	close(f.done)
}

// question is one call, in its turn. A panic in it is a failure like any other.
func (d *Desk[T]) question(ctx context.Context, key string) (fact Fact[T], err error) {
	defer func() {
		if r := recover(); r != nil {
			fact, err = Fact[T]{}, authz.Panicked(r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, d.settings.Timeout)
	defer cancel()
	select {
	case d.turns <- struct{}{}:
		defer func() { <-d.turns }()
	case <-ctx.Done():
		return Fact[T]{}, errCrowded
	}
	asked := d.settings.Now()
	fact, err = d.settings.Ask(ctx, key)
	if err != nil {
		return Fact[T]{}, err
	}
	fact.Until = d.until(fact, asked)
	return fact, nil
}

// until keeps what a source says of its answer's life within the desk's age.
func (d *Desk[T]) until(fact Fact[T], asked time.Time) time.Time {
	age := d.settings.MaxAge
	if fact.Nothing {
		age = min(age, longestNothing)
	}
	if old := asked.Add(age); !fact.Until.After(asked) || old.Before(fact.Until) {
		return old
	}
	return fact.Until
}

// Counts are how much a Desk has in hand.
type Counts struct {
	// Facts and Nothing are remembered, Questions under way or waiting for their turn,
	// Waiting those who wait for them.
	Facts, Nothing, Questions, Waiting int
}

// Counts counts. What is too old is counted until its place is needed.
func (d *Desk[T]) Counts() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Counts{d.facts.count(), d.nothing.count(), len(d.flights), int(d.waiting.Load())}
}
