package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// effect is what a mutation did. One that touches nothing and has no object did
// nothing.
type effect struct {
	token     authz.Token
	principal authz.Principal
	touched   []authz.Touch
	object    string
	reason    string
}

// Apply implements authz.Applier. Each kind of mutation checks all before it writes
// anything, and nobody reads meanwhile.
func (m *Memory) Apply(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return authz.Applied{}, fmt.Errorf("apply a change: %w", err)
	}
	now := kept(m.now())
	if err := authz.CheckMutation(act, change, now); err != nil {
		return authz.Applied{}, err
	}
	done, err := m.make(change, now)
	if err != nil {
		return authz.Applied{}, err
	}
	applied := authz.Applied{Token: m.shown(done.token), Principal: copyPrincipal(done.principal), Touched: copyTouched(done.touched)}
	if done.object == "" {
		return applied, nil
	}
	applied.Seq = uint64(len(m.feed)) + 1
	previous := ""
	if len(m.audit) > 0 {
		previous = m.audit[len(m.audit)-1].Hash
	}
	m.feed = append(m.feed, authz.Change{Seq: applied.Seq, At: now, Touched: done.touched})
	m.audit = append(m.audit, authz.AuditEntry{
		Seq: applied.Seq, At: now, Act: act, Action: authz.ActionOf(change), Object: done.object, Reason: done.reason,
	}.Sealed(previous))
	return applied, nil
}

func (m *Memory) make(change authz.Mutation, now time.Time) (effect, error) {
	switch c := change.(type) {
	case authz.MintToken:
		return m.mint(c, now)
	case authz.RotateToken:
		return m.rotate(c, now)
	case authz.RevokeToken:
		return m.revoke(c, now)
	case authz.PutPrincipal:
		return m.putPrincipal(c.Principal)
	case authz.RemovePrincipal:
		return m.removePrincipal(c, now)
	case authz.PutOrganization:
		return m.putOrganization(c.Organization)
	case authz.RemoveOrganization:
		return m.removeOrganization(c, now)
	case authz.PutMember:
		return m.putMember(c.Membership)
	case authz.RemoveMember:
		return m.removeMember(c)
	case authz.PutDomain:
		return m.putDomain(c.Domain)
	case authz.RemoveDomain:
		return m.removeDomain(c)
	case authz.PutServerKey:
		return m.putServerKey(c.ServerKey)
	case authz.RemoveServerKey:
		return m.removeServerKey(c)
	case authz.RenewVerifier:
		return m.renewVerifier(c)
	default:
		return effect{}, authz.ErrInvalid
	}
}

// nextID is called under the lock, and only for what is then added.
func (m *Memory) nextID(kind string) string {
	m.made++
	return fmt.Sprintf("%s-%d", kind, m.made)
}

// kept is a time as a store keeps it.
func kept(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }
