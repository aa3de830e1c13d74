package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func (m *Memory) putPrincipal(p authz.Principal) (effect, error) {
	key := principalKey{p.Kind, p.Name}
	old, there := m.principals[key]
	p = copyPrincipal(p)
	switch {
	case there && (p.Login != old.Login || p.ID != "" && p.ID != old.ID), !there && p.ID != "":
		return effect{}, authz.ErrInvalid
	case there:
		p.ID = old.ID
	default:
		p.ID = m.nextID("principal")
	}
	if reflect.DeepEqual(p, old) {
		return effect{principal: p}, nil
	}
	m.principals[key] = p
	touched := touchPrincipal(p)
	if there && (p.Disabled != old.Disabled || !slices.Equal(p.Networks, old.Networks)) {
		touched = append(touched, m.touchOwned(p.ID)...)
	}
	return effect{principal: p, touched: touched, object: objectOf(key)}, nil
}

func (m *Memory) removePrincipal(c authz.RemovePrincipal, now time.Time) (effect, error) {
	key := principalKey{c.Kind, c.Name}
	p, ok := m.principals[key]
	if !ok {
		return effect{}, authz.ErrNotFound
	}
	delete(m.principals, key)
	touched := append(touchPrincipal(p), m.endAll(func(t authz.Token) bool { return t.Owner == p.ID }, now, c.Reason)...)
	touched = append(touched, m.dropMembers(func(k memberKey) bool { return k.subject == p.Subject })...)
	return effect{principal: p, touched: touched, object: objectOf(key), reason: c.Reason}, nil
}

func (m *Memory) touchOwned(owner string) []authz.Touch {
	var touched []authz.Touch
	for _, t := range m.tokens {
		if t.Owner == owner {
			touched = append(touched, touchToken(t)...)
		}
	}
	return touched
}

func objectOf(key principalKey) string { return fmt.Sprintf("%s %s", key.kind, key.name) }

func touchPrincipal(p authz.Principal) []authz.Touch {
	return []authz.Touch{
		{Topic: authz.TopicPrincipal, Name: []string{string(p.Kind), p.Name}},
		{Topic: authz.TopicOwner, Name: []string{p.ID}},
	}
}
