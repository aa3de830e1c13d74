package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Memory is an engine that forgets all when the process ends. It exists for tests:
// those of rooms that need a store, and as a second shape for the contract. It is
// safe for parallel use.
type Memory struct {
	now           func() time.Time
	mu            sync.RWMutex
	made          uint64
	tokens        map[string]authz.Token
	refs          map[authz.TokenRef]string
	principals    map[principalKey]authz.Principal
	organizations map[string]authz.Organization
	members       map[memberKey]authz.Membership
	domains       map[string]authz.Domain
	serverKeys    map[string]authz.ServerKey
	feed          []authz.Change
	audit         []authz.AuditEntry
}

type principalKey struct {
	kind authz.PrincipalKind
	name string
}

type memberKey struct{ organization, subject string }

var _ Engine = (*Memory)(nil)

// NewMemory gives an empty engine.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:           now,
		tokens:        map[string]authz.Token{},
		refs:          map[authz.TokenRef]string{},
		principals:    map[principalKey]authz.Principal{},
		organizations: map[string]authz.Organization{},
		members:       map[memberKey]authz.Membership{},
		domains:       map[string]authz.Domain{},
		serverKeys:    map[string]authz.ServerKey{},
	}
}

// Token implements authz.TokenStore.
func (m *Memory) Token(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	id, ok := m.refs[ref]
	return found(ctx, ok, m.shown(m.tokens[id]))
}

// Principal implements authz.PrincipalStore.
func (m *Memory) Principal(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	p, ok := m.principals[principalKey{kind, name}]
	return found(ctx, ok, copyPrincipal(p))
}

// Member implements authz.TenantStore.
func (m *Memory) Member(ctx context.Context, organization, subject string) (authz.Membership, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	member, ok := m.members[memberKey{organization, subject}]
	return found(ctx, ok, copyMember(member))
}

// Domain implements authz.TenantStore.
func (m *Memory) Domain(ctx context.Context, name string) (authz.Domain, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	d, ok := m.domains[name]
	return found(ctx, ok, d)
}

func found[T any](ctx context.Context, ok bool, value T) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("look up: %w", err)
	}
	if !ok {
		return none, authz.ErrNotFound
	}
	return value, nil
}

// Used implements authz.UseStore.
func (m *Memory) Used(ctx context.Context, last map[string]time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("note uses: %w", err)
	}
	for id, at := range last {
		t, ok := m.tokens[id]
		at = kept(at)
		if ok && at.After(t.LastUsed) {
			t.LastUsed = at
			m.tokens[id] = t
		}
	}
	return nil
}

// Feed implements authz.Feeder.
func (m *Memory) Feed(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	rows, err := rowsAfter(ctx, m.feed, after, most)
	for i := range rows {
		rows[i].Touched = copyTouched(rows[i].Touched)
	}
	return rows, err
}

// Audit implements authz.Feeder.
func (m *Memory) Audit(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return rowsAfter(ctx, m.audit, after, most)
}

// rowsAfter takes it that the row with number n is the n-th.
func rowsAfter[T any](ctx context.Context, all []T, after uint64, most int) ([]T, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	if most < 1 || most > authz.MostRows {
		return nil, fmt.Errorf("%w: number of rows", authz.ErrInvalid)
	}
	all = all[min(after, uint64(len(all))):]
	return append([]T(nil), all[:min(most, len(all))]...), nil
}
