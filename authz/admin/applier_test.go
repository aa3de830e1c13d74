package admin_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
)

var cli = authz.Act{Actor: "uid:1000", Origin: "cli"}

// engine is a store's engine of one function.
type engine func(ctx context.Context) (authz.Applied, error)

func (e engine) Apply(ctx context.Context, _ authz.Act, _ authz.Mutation) (authz.Applied, error) {
	return e(ctx)
}

var (
	touched   = authz.Touch{Topic: authz.TopicToken, Name: []string{"t1"}}
	untouched = authz.Touch{Topic: authz.TopicToken, Name: []string{"t2"}}
	errDisk   = errors.New("disk full")
)

func since(c *authz.Changes, tick uint64, t authz.Touch) bool {
	return c.Since(tick, []authz.Stripe{t.Stripe()})
}

// What a change does to what is remembered from before it. The guards are made's
// Apply, the deferred ApplyAll, and unsure's lasting until a number says otherwise.
func TestTicks(t *testing.T) {
	t.Parallel()
	made := func(seq uint64) engine {
		return func(context.Context) (authz.Applied, error) {
			if seq == 0 {
				return authz.Applied{}, nil
			}
			return authz.Applied{Seq: seq, Touched: []authz.Touch{touched}}, nil
		}
	}
	fails := func(err error) engine {
		return func(context.Context) (authz.Applied, error) { return authz.Applied{}, err }
	}
	panics := engine(func(context.Context) (authz.Applied, error) { panic("engine") })
	for _, c := range []struct {
		name   string
		before []engine
		last   engine
		// own and other are whether what the last change touched is dead, and what
		// it did not.
		own, other bool
	}{
		{"change", nil, made(1), true, false},
		{"change after change", []engine{made(7)}, made(8), true, false},
		{"nothing to do", nil, made(0), false, false},
		{"not found", nil, fails(authz.ErrNotFound), false, false},
		{"exists", nil, fails(authz.ErrExists), false, false},
		{"invalid", nil, fails(authz.ErrInvalid), false, false},
		{"could not tell", nil, fails(errDisk), true, true},
		{"panic", nil, panics, true, true},
		{"nothing to do after could not tell", []engine{fails(errDisk)}, made(0), true, true},
		{"not found after could not tell", []engine{fails(errDisk)}, fails(authz.ErrNotFound), true, true},
		{"not found after panic and nothing to do", []engine{panics, made(0)}, fails(authz.ErrNotFound), true, true},
		{"not found after could not tell and not found", []engine{fails(errDisk), fails(authz.ErrNotFound)}, fails(authz.ErrNotFound), true, true},
		{"change after could not tell", []engine{fails(errDisk)}, made(1), true, true},
		{"change after could not tell and change", []engine{fails(errDisk), made(1)}, made(2), true, false},
		{"change after a gap", []engine{made(1)}, made(3), true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var changes authz.Changes
			var next engine
			a := admin.NewApplier(engine(func(ctx context.Context) (authz.Applied, error) { return next(ctx) }), &changes)
			apply := func(e engine) {
				defer func() { _ = recover() }()
				next = e
				_, _ = a.Apply(t.Context(), cli, nil)
			}
			for _, e := range c.before {
				apply(e)
			}
			tick := changes.Tick()
			apply(c.last)
			if own, other := since(&changes, tick, touched), since(&changes, tick, untouched); own != c.own || other != c.other {
				t.Errorf("touched dead %t, untouched dead %t; want %t, %t", own, other, c.own, c.other)
			}
		})
	}
}

// The tick comes after the commit and before the return. The guards are the order of
// the two in apply, and that nothing of it is done beside the call.
func TestOrder(t *testing.T) {
	t.Parallel()
	var changes authz.Changes
	a := admin.NewApplier(engine(func(context.Context) (authz.Applied, error) {
		if since(&changes, 0, touched) || changes.Tick() != 0 {
			t.Error("ticked before the commit")
		}
		return authz.Applied{Seq: 1, Touched: []authz.Touch{touched}}, nil
	}), &changes)
	applied, err := a.Apply(t.Context(), cli, nil)
	if !since(&changes, 0, touched) || changes.Tick() != 1 {
		t.Error("returned before the tick")
	}
	if err != nil || applied.Seq != 1 {
		t.Errorf("got %+v, %v", applied, err)
	}
}

// A second change waits for the first, and can be given up while it waits. The
// guard is the turn.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	var changes authz.Changes
	entered, finish := make(chan struct{}), make(chan struct{})
	var inside atomic.Int64
	a := admin.NewApplier(engine(func(context.Context) (authz.Applied, error) {
		if inside.Add(1) != 1 {
			t.Error("two changes at a time")
		}
		defer inside.Add(-1)
		entered <- struct{}{}
		<-finish
		return authz.Applied{}, nil
	}), &changes)
	var all sync.WaitGroup
	all.Go(func() { _, _ = a.Apply(t.Context(), cli, nil) })
	<-entered
	ending, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := a.Apply(ending, cli, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting in vain: %v", err)
	}
	all.Go(func() { _, _ = a.Apply(t.Context(), cli, nil) })
	select {
	case <-entered:
		t.Error("the second did not wait")
	case <-time.After(20 * time.Millisecond):
		finish <- struct{}{}
		<-entered
	}
	finish <- struct{}{}
	all.Wait()
}

// A change whose caller goes away is finished, one whose caller is gone not begun.
// The guard is WithoutCancel, and the question before it.
func TestGoneCaller(t *testing.T) {
	t.Parallel()
	var changes authz.Changes
	ctx, cancel := context.WithCancel(t.Context())
	begun := 0
	a := admin.NewApplier(engine(func(inner context.Context) (authz.Applied, error) {
		begun++
		cancel()
		if _, bounded := inner.Deadline(); !bounded {
			t.Error("nothing bounds the change")
		}
		return authz.Applied{Seq: 1}, inner.Err()
	}), &changes)
	if _, err := a.Apply(ctx, cli, nil); err != nil {
		t.Errorf("under way: %v", err)
	}
	if _, err := a.Apply(ctx, cli, nil); !errors.Is(err, context.Canceled) || begun != 1 {
		t.Errorf("gone: %v, begun %d times", err, begun)
	}
	if changes.Tick() != 1 {
		t.Errorf("tick %d, want 1", changes.Tick())
	}
}

// 1,000 revokes race readers that remember what they found as everything here does:
// with the tick from before they looked, and the stripe. No read that begins after a
// revoke returned sees the token active.
func TestRevokeAgainstReaders(t *testing.T) {
	t.Parallel()
	const revokes, readers = 1000, 4
	store, changes := storetest.NewMemory(time.Now), &authz.Changes{}
	a := admin.NewApplier(store, changes)
	var memory sync.Map // by TokenRef: a remembered
	var current atomic.Pointer[round]
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range readers {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if r := current.Load(); r != nil {
					// Read first: what begins afterwards begins after the return.
					ended := r.ended.Load()
					if r.read(t.Context(), store, changes, &memory) && ended {
						t.Errorf("%s is active after its revocation returned", r.ref.Lookup)
					}
				}
			}
		})
	}
	for i := range revokes {
		m := authz.Token{Ref: authz.TokenRef{Prefix: "mbz_", Lookup: fmt.Sprint(i)}, Verifier: verifierWord, Grant: authz.Grant{Subject: "bot"}}
		if _, err := a.Apply(t.Context(), cli, authz.MintToken{Token: m}); err != nil {
			t.Fatal(err)
		}
		r := &round{ref: m.Ref}
		current.Store(r)
		if i%2 == 0 { // warm: somebody remembers it already
			r.read(t.Context(), store, changes, &memory)
		}
		if _, err := a.Apply(t.Context(), cli, authz.RevokeToken{Ref: m.Ref}); err != nil {
			t.Fatal(err)
		}
		r.ended.Store(true)
		for range 3 {
			if r.read(t.Context(), store, changes, &memory) {
				t.Errorf("%s is active after its revocation returned", r.ref.Lookup)
			}
		}
	}
	close(stop)
	all.Wait()
}

// round is one token and its revocation.
type round struct {
	ref   authz.TokenRef
	ended atomic.Bool
}

type remembered struct {
	active bool
	tick   uint64
}

// read reports an active token, from memory where that is not dead.
func (r *round) read(ctx context.Context, store authz.TokenStore, changes *authz.Changes, memory *sync.Map) bool {
	stripe := authz.StripeOf(authz.TopicTokenRef, r.ref.Prefix, r.ref.Lookup)
	if kept, ok := memory.Load(r.ref); ok {
		if known := kept.(remembered); !changes.Since(known.tick, []authz.Stripe{stripe}) {
			return known.active
		}
	}
	tick := changes.Tick()
	found, err := store.Token(ctx, r.ref)
	active := err == nil && found.Active(time.Now())
	memory.Store(r.ref, remembered{active, tick})
	return active
}
