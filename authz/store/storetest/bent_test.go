package storetest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
)

// bent is an engine with a defect: a func that is not nil stands before the method
// of its name and may ask the sound engine.
type bent struct {
	storetest.Engine
	now    func() time.Time
	token  func(ctx context.Context, ref authz.TokenRef) (authz.Token, error)
	named  func(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error)
	member func(ctx context.Context, organization, subject string) (authz.Membership, error)
	apply  func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error)
	list   func(ctx context.Context, query authz.Query) (authz.Listing, error)
	feed   func(ctx context.Context, after uint64, most int) ([]authz.Change, error)
	audit  func(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error)
	used   func(ctx context.Context, last map[string]time.Time) error

	verifiers func(ctx context.Context, each func(verifier string) error) error
}

func (b *bent) Token(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
	if b.token != nil {
		return b.token(ctx, ref)
	}
	return b.Engine.Token(ctx, ref)
}

func (b *bent) Principal(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
	if b.named != nil {
		return b.named(ctx, kind, name)
	}
	return b.Engine.Principal(ctx, kind, name)
}

func (b *bent) Member(ctx context.Context, organization, subject string) (authz.Membership, error) {
	if b.member != nil {
		return b.member(ctx, organization, subject)
	}
	return b.Engine.Member(ctx, organization, subject)
}

func (b *bent) Apply(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
	if b.apply != nil {
		return b.apply(ctx, act, change)
	}
	return b.Engine.Apply(ctx, act, change)
}

func (b *bent) List(ctx context.Context, query authz.Query) (authz.Listing, error) {
	if b.list != nil {
		return b.list(ctx, query)
	}
	return b.Engine.List(ctx, query)
}

func (b *bent) Feed(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
	if b.feed != nil {
		return b.feed(ctx, after, most)
	}
	return b.Engine.Feed(ctx, after, most)
}

func (b *bent) Audit(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
	if b.audit != nil {
		return b.audit(ctx, after, most)
	}
	return b.Engine.Audit(ctx, after, most)
}

func (b *bent) Used(ctx context.Context, last map[string]time.Time) error {
	if b.used != nil {
		return b.used(ctx, last)
	}
	return b.Engine.Used(ctx, last)
}

func (b *bent) Verifiers(ctx context.Context, each func(verifier string) error) error {
	if b.verifiers != nil {
		return b.verifiers(ctx, each)
	}
	return b.Engine.Verifiers(ctx, each)
}

// defect bends an engine that is sound so far.
type defect func(*bent)

// suite gives Memory with the defect.
func (d defect) suite() storetest.Suite {
	s := memorySuite()
	s.New = func(_ testing.TB, now func() time.Time) storetest.Engine {
		b := &bent{Engine: storetest.NewMemory(now), now: now}
		d(b)
		return b
	}
	return s
}

// notes is a map for parallel use.
type notes[K comparable, V any] struct {
	mu  sync.Mutex
	all map[K]V
}

func (n *notes[K, V]) get(key K) (V, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	value, ok := n.all[key]
	return value, ok
}

func (n *notes[K, V]) set(key K, value V) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all == nil {
		n.all = map[K]V{}
	}
	n.all[key] = value
}
