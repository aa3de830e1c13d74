package authz_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// shelf is a memory that loses nothing.
type shelf struct {
	mu   sync.Mutex
	kept map[authz.Digest]*authz.Remembered
}

func (s *shelf) Recall(d authz.Digest) *authz.Remembered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[d]
}

func (s *shelf) Remember(d authz.Digest, r *authz.Remembered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[d] = r
}

// byKey keys a verdict by the header x-api-key alone.
type byKey struct{}

func (byKey) Digest(a *authz.Attributes, _ authz.Match) (authz.Digest, bool) {
	value, there := a.Request.Headers.Get("x-api-key")
	return sha256.Sum256([]byte(value)), there
}

// remembering is an authorizer with a memory, a clock that a test moves and a
// policy that counts its evaluations.
type remembering struct {
	*authz.Authorizer
	scene   scene
	shelf   *shelf
	changes authz.Changes
	key     *authntest.Fake
	asked   int
	answer  func(context.Context) (authz.Answer, error)
	now     time.Time
	mu      sync.Mutex
}

func remember(t *testing.T) *remembering {
	t.Helper()
	reused := settings("key", authz.InHeader("x-api-key"))
	reused.Reuse = authz.ReuseAllowed
	r := &remembering{shelf: &shelf{kept: map[authz.Digest]*authz.Remembered{}}, key: authntest.NewFake(reused), now: noon()}
	r.answer = func(context.Context) (authz.Answer, error) { return authz.Answer{Allow: true, TTL: -1}, nil }
	r.scene = scene{accept: [][]*authz.Configured{group(r.key)}, route: authz.Route{Kind: authz.Operation, Plan: byKey{}}}
	r.scene.policy = policyFunc(func(ctx context.Context, _ *authz.Input) (authz.Answer, error) {
		r.mu.Lock()
		r.asked++
		answer := r.answer
		r.mu.Unlock()
		return answer(ctx)
	})
	clock := func() time.Time {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.now
	}
	limits := authz.Limits{InFlight: 64, Timeout: time.Minute, Margin: 20 * time.Millisecond}
	var err error
	if r.Authorizer, err = authz.NewAuthorizer(limits, clock); err != nil {
		t.Fatal(err)
	}
	if err := r.Remembering(r.shelf, &r.changes); err != nil {
		t.Fatal(err)
	}
	r.swap(t, 1)
	return r
}

func (r *remembering) swap(t *testing.T, generation uint64) {
	t.Helper()
	s := *r.scene.snapshot(t)
	s.Generation, s.Life = generation, authz.Life{Allow: time.Minute, Deny: 5 * time.Second}
	r.Swap(authz.NewSnapshot(s))
}

func (r *remembering) later(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *remembering) evaluations() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *remembering) ask(t *testing.T, key string) authz.Verdict {
	t.Helper()
	return r.Check(t.Context(), request(false, header("x-api-key", key)))
}

// TestRemembered walks through what ends a remembered verdict. Each row's guard
// is a case of Remembered.state, or a bound in decision.keep.
func TestRemembered(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer authz.Answer
		key    string
		then   func(*testing.T, *remembering)
		want   authz.CacheState
	}{
		{"again", authz.Answer{Allow: true, TTL: -1}, "alice", func(*testing.T, *remembering) {}, authz.CacheHit},
		{"to its last moment", authz.Answer{Allow: true, TTL: -1}, "alice", func(_ *testing.T, r *remembering) { r.later(time.Minute - 1) }, authz.CacheHit},
		{"at its end", authz.Answer{Allow: true, TTL: -1}, "alice", func(_ *testing.T, r *remembering) { r.later(time.Minute) }, authz.CacheExpired},
		{"at the policy's end", authz.Answer{Allow: true, TTL: time.Second}, "alice", func(_ *testing.T, r *remembering) { r.later(time.Second) }, authz.CacheExpired},
		{"a policy that wants none", authz.Answer{Allow: true}, "alice", func(*testing.T, *remembering) {}, authz.CacheMiss},
		{"a denial", authz.Answer{TTL: -1, Reason: authz.ByPolicy}, "alice", func(*testing.T, *remembering) {}, authz.CacheHit},
		{"a denial at its end", authz.Answer{TTL: -1, Reason: authz.ByPolicy}, "alice", func(_ *testing.T, r *remembering) { r.later(5 * time.Second) }, authz.CacheExpired},
		{"a throttled one", authz.Answer{TTL: -1, Reason: authz.Throttled}, "alice", func(*testing.T, *remembering) {}, authz.CacheMiss},
		{"a denial with 503", authz.Answer{TTL: -1, Reason: authz.ByPolicy, Status: 503}, "alice", func(*testing.T, *remembering) {}, authz.CacheMiss},
		{"nobody can tell", authz.Answer{Allow: true, TTL: -1}, "down", func(*testing.T, *remembering) {}, authz.CacheMiss},
		{"a bad key", authz.Answer{Allow: true, TTL: -1}, "mallory", func(*testing.T, *remembering) {}, authz.CacheHit},
		{"a bad key that was minted since", authz.Answer{Allow: true, TTL: -1}, "mallory", func(_ *testing.T, r *remembering) { r.changes.Apply(r.key.Stripe("mallory")) }, authz.CacheRevoked},
		{"a revoked key", authz.Answer{Allow: true, TTL: -1}, "alice", func(_ *testing.T, r *remembering) { r.changes.Apply(r.key.Stripe("alice")) }, authz.CacheRevoked},
		{"another key revoked", authz.Answer{Allow: true, TTL: -1}, "alice", func(_ *testing.T, r *remembering) { r.changes.Apply(r.key.Stripe("bob")) }, authz.CacheHit},
		{"a new snapshot", authz.Answer{Allow: true, TTL: -1}, "alice", func(t *testing.T, r *remembering) { t.Helper(); r.swap(t, 2) }, authz.CacheSuperseded},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := remember(t)
			r.answer = func(context.Context) (authz.Answer, error) { return c.answer, nil }
			first := r.ask(t, c.key)
			c.then(t, r)
			second := r.ask(t, c.key)
			if got := second.Trail.Cache; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if second.Effect != first.Effect || second.Reason != first.Reason || second.Trail.Route == nil {
				t.Errorf("got %+v after %+v", second, first)
			}
		})
	}
}

// TestReadingRenewsNothing: an answer dies on time however often it is asked for.
func TestReadingRenewsNothing(t *testing.T) {
	r := remember(t)
	for range 60 {
		r.ask(t, "alice")
		r.later(time.Second)
	}
	if r.ask(t, "alice"); r.evaluations() != 2 {
		t.Errorf("got %d evaluations in a minute and a moment, want 2", r.evaluations())
	}
}

// TestStaleFill is T-V3: what was revoked while it was evaluated is not stored
// as good. Guard: the tick is read before the evaluation, not after it.
func TestStaleFill(t *testing.T) {
	r := remember(t)
	r.answer = func(context.Context) (authz.Answer, error) {
		r.changes.Apply(r.key.Stripe("alice"))
		return authz.Answer{Allow: true, TTL: -1}, nil
	}
	r.ask(t, "alice")
	if got := r.ask(t, "alice").Trail.Cache; got != authz.CacheRevoked {
		t.Errorf("got %q, want %q", got, authz.CacheRevoked)
	}
}

// TestOneShotIsNeverRemembered. Guard: decision.reusable.
func TestOneShotIsNeverRemembered(t *testing.T) {
	r := remember(t)
	s := settings("key", authz.InHeader("x-api-key"))
	s.Reuse = authz.ReuseNever
	r.scene.accept = [][]*authz.Configured{group(authntest.NewFake(s))}
	r.swap(t, 2)
	for range 3 {
		if got := r.ask(t, "alice").Trail.Cache; got != authz.CacheNone {
			t.Errorf("got %q, want none", got)
		}
	}
	if r.evaluations() != 3 {
		t.Errorf("got %d evaluations, want 3", r.evaluations())
	}
}

// held makes the policy wait until release is called, and tells when it began.
func (r *remembering) held() (begun <-chan struct{}, release func()) {
	started, gate := make(chan struct{}, 64), make(chan struct{})
	r.answer = func(context.Context) (authz.Answer, error) {
		started <- struct{}{}
		<-gate
		return authz.Answer{Allow: true, TTL: -1}, nil
	}
	return started, sync.OnceFunc(func() { close(gate) })
}

// TestEqualMissesShare is T-V8: one evaluation, and the first one's cancel does
// not end the others'. Guard: the flight's context in lead.
func TestEqualMissesShare(t *testing.T) {
	r := remember(t)
	begun, release := r.held()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan authz.Verdict, 1)
	go func() { first <- r.Check(ctx, request(false, header("x-api-key", "alice"))) }()
	<-begun
	const others = 50
	rest := make(chan authz.Verdict, others)
	for range others {
		go func() { rest <- r.Check(t.Context(), request(false, header("x-api-key", "alice"))) }()
	}
	cancel()
	if v := <-first; v.Effect == authz.Allow {
		t.Error("a cancelled request was allowed")
	}
	release()
	for range others {
		if v := <-rest; v.Effect != authz.Allow || v.Trail.Cache != authz.CacheJoined && v.Trail.Cache != authz.CacheHit {
			t.Errorf("got %v, %q", v.Effect, v.Trail.Cache)
		}
	}
	if r.evaluations() != 1 {
		t.Errorf("got %d evaluations, want 1", r.evaluations())
	}
}

// TestRevokedBeforeJoining: who begins after a revocation is not handed the
// answer of a flight from before it. Guard: state in together.
func TestRevokedBeforeJoining(t *testing.T) {
	r := remember(t)
	begun, release := r.held()
	defer release()
	go r.Check(t.Context(), request(false, header("x-api-key", "alice")))
	<-begun
	r.changes.Apply(r.key.Stripe("alice"))
	second := make(chan authz.Verdict, 1)
	go func() { second <- r.Check(t.Context(), request(false, header("x-api-key", "alice"))) }()
	time.Sleep(20 * time.Millisecond)
	release()
	<-second
	if r.evaluations() != 2 {
		t.Errorf("got %d evaluations, want 2", r.evaluations())
	}
}

// TestPanicInFlight: everybody is denied, nothing is stored, the next is decided.
func TestPanicInFlight(t *testing.T) {
	r := remember(t)
	r.answer = func(context.Context) (authz.Answer, error) { panic("boom") }
	if v := r.ask(t, "alice"); v.Effect == authz.Allow || v.Reason != authz.Unavailable {
		t.Errorf("got %v, %q", v.Effect, v.Reason)
	}
	r.answer = func(context.Context) (authz.Answer, error) { return authz.Answer{Allow: true, TTL: -1}, nil }
	if v := r.ask(t, "alice"); v.Effect != authz.Allow || v.Trail.Cache != authz.CacheMiss {
		t.Errorf("got %v, %q", v.Effect, v.Trail.Cache)
	}
}

// TestErrorIsNeverRemembered is T-V6.
func TestErrorIsNeverRemembered(t *testing.T) {
	r := remember(t)
	r.answer = func(context.Context) (authz.Answer, error) { return authz.Answer{}, errors.New("store down") }
	r.ask(t, "alice")
	r.answer = func(context.Context) (authz.Answer, error) { return authz.Answer{Allow: true, TTL: -1}, nil }
	if v := r.ask(t, "alice"); v.Effect != authz.Allow {
		t.Errorf("got %v, want an allow", v.Effect)
	}
}

// TestMemoryWithoutChanges is refused: it would never forget.
func TestMemoryWithoutChanges(t *testing.T) {
	r := remember(t)
	if r.Remembering(r.shelf, nil) == nil || r.Remembering(nil, &r.changes) == nil {
		t.Error("got no error")
	}
}
