package storetest

import (
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func (m *Memory) mint(c authz.MintToken, now time.Time) (effect, error) {
	t := c.Token
	if t.Owner != "" {
		owner, ok := m.owner(t.Owner)
		switch {
		case !ok:
			return effect{}, authz.ErrNotFound
		case !owner.MayOwnTokens():
			return effect{}, fmt.Errorf("%w: owner: a machine that logs in by a password has no tokens", authz.ErrInvalid)
		}
	}
	if c.Most > 0 && m.open(t, now) >= c.Most {
		return effect{}, authz.ErrExists
	}
	return m.add(t, now)
}

func (m *Memory) owner(id string) (authz.Principal, bool) {
	for _, p := range m.principals {
		if p.ID == id {
			return p, true
		}
	}
	return authz.Principal{}, false
}

// open counts the tokens beside a new one that take room.
func (m *Memory) open(added authz.Token, now time.Time) int {
	count := 0
	for _, t := range m.tokens {
		if t.Owner == added.Owner && t.Tenant == added.Tenant && t.Ref.Prefix == added.Ref.Prefix && lives(t, now) {
			count++
		}
	}
	return count
}

// lives reports a token that was neither revoked nor has expired.
func lives(t authz.Token, now time.Time) bool {
	return t.Revoked.IsZero() && (t.Expires.IsZero() || now.Before(t.Expires))
}

func (m *Memory) add(t authz.Token, now time.Time) (effect, error) {
	if _, taken := m.refs[t.Ref]; taken {
		return effect{}, authz.ErrExists
	}
	t = copyToken(t)
	t.ID, t.Created = m.nextID("token"), now
	if !t.Expires.IsZero() {
		t.Expires = kept(t.Expires)
	}
	m.tokens[t.ID], m.refs[t.Ref] = t, t.ID
	return effect{token: t, touched: touchToken(t), object: t.ID}, nil
}

func (m *Memory) rotate(c authz.RotateToken, now time.Time) (effect, error) {
	old, ok := m.tokens[c.ID]
	if !ok {
		return effect{}, authz.ErrNotFound
	}
	if !lives(old, now) {
		return effect{}, authz.ErrInvalid
	}
	next := c.Successor
	next.Owner, next.Grant, next.Name = old.Owner, old.Grant, old.Name
	done, err := m.add(next, now)
	if err != nil {
		return effect{}, err
	}
	end := kept(now.Add(c.Overlap))
	if old.Expires.IsZero() || end.Before(old.Expires) {
		old.Expires = end
		m.tokens[old.ID] = old
	}
	done.touched = append(done.touched, touchToken(old)...)
	done.object = old.ID + " " + done.object
	return done, nil
}

func (m *Memory) revoke(c authz.RevokeToken, now time.Time) (effect, error) {
	id := c.ID
	if id == "" {
		id = m.refs[c.Ref]
	}
	t, ok := m.tokens[id]
	if !ok {
		return effect{}, authz.ErrNotFound
	}
	if !t.Revoked.IsZero() {
		return effect{token: t}, nil
	}
	t = m.end(t, now, c.Reason)
	return effect{token: t, touched: touchToken(t), object: t.ID, reason: c.Reason}, nil
}

func (m *Memory) end(t authz.Token, now time.Time, reason string) authz.Token {
	t.Revoked, t.Reason = now, reason
	m.tokens[t.ID] = t
	return t
}

// endAll revokes the tokens that are chosen, and touches those that were revoked
// before as well.
func (m *Memory) endAll(chosen func(authz.Token) bool, now time.Time, reason string) []authz.Touch {
	var touched []authz.Touch
	for _, t := range m.tokens {
		if !chosen(t) {
			continue
		}
		if t.Revoked.IsZero() {
			m.end(t, now, reason)
		}
		touched = append(touched, touchToken(t)...)
	}
	return touched
}

// shown gives a token as whoever asks sees it. The zero token stays what it is.
func (m *Memory) shown(t authz.Token) authz.Token {
	t = copyToken(t)
	if t.Owner == "" {
		return t
	}
	owner, ok := m.owner(t.Owner)
	t.Disabled = !ok || owner.Disabled
	t.OwnerNetworks = append(authz.Networks(nil), owner.Networks...)
	return t
}

func touchToken(t authz.Token) []authz.Touch {
	return []authz.Touch{
		{Topic: authz.TopicToken, Name: []string{t.ID}},
		{Topic: authz.TopicTokenRef, Name: []string{t.Ref.Prefix, t.Ref.Lookup}},
	}
}
