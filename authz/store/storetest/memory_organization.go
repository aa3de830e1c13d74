package storetest

import (
	"reflect"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func (m *Memory) putOrganization(o authz.Organization) (effect, error) {
	if old, ok := m.organizations[o.ID]; ok && old == o {
		return effect{}, nil
	}
	m.organizations[o.ID] = o
	return effect{touched: touch(authz.TopicOrganization, o.ID), object: o.ID}, nil
}

func (m *Memory) removeOrganization(c authz.RemoveOrganization, now time.Time) (effect, error) {
	if _, ok := m.organizations[c.ID]; !ok {
		return effect{}, authz.ErrNotFound
	}
	delete(m.organizations, c.ID)
	touched := touch(authz.TopicOrganization, c.ID)
	touched = append(touched, m.endAll(func(t authz.Token) bool { return t.Tenant == c.ID }, now, c.Reason)...)
	touched = append(touched, m.dropMembers(func(k memberKey) bool { return k.organization == c.ID })...)
	for name, d := range m.domains {
		if d.Organization == c.ID {
			delete(m.domains, name)
			touched = append(touched, touch(authz.TopicDomain, name)...)
		}
	}
	return effect{touched: touched, object: c.ID, reason: c.Reason}, nil
}

func (m *Memory) putMember(member authz.Membership) (effect, error) {
	if _, ok := m.organizations[member.Organization]; !ok {
		return effect{}, authz.ErrNotFound
	}
	key := memberKey{member.Organization, member.Subject}
	member = copyMember(member)
	if old, ok := m.members[key]; ok && reflect.DeepEqual(old, member) {
		return effect{}, nil
	}
	m.members[key] = member
	return effect{touched: touchMember(key), object: key.organization + " " + key.subject}, nil
}

func (m *Memory) removeMember(c authz.RemoveMember) (effect, error) {
	key := memberKey{c.Organization, c.Subject}
	if _, ok := m.members[key]; !ok {
		return effect{}, authz.ErrNotFound
	}
	delete(m.members, key)
	return effect{touched: touchMember(key), object: key.organization + " " + key.subject}, nil
}

func (m *Memory) dropMembers(chosen func(memberKey) bool) []authz.Touch {
	var touched []authz.Touch
	for key := range m.members {
		if chosen(key) {
			delete(m.members, key)
			touched = append(touched, touchMember(key)...)
		}
	}
	return touched
}

func (m *Memory) putDomain(d authz.Domain) (effect, error) {
	if _, ok := m.organizations[d.Organization]; !ok {
		return effect{}, authz.ErrNotFound
	}
	old, there := m.domains[d.Name]
	switch {
	case there && old == d:
		return effect{}, nil
	case there && old.Verified && old.Organization != d.Organization:
		return effect{}, authz.ErrExists
	default:
		m.domains[d.Name] = d
		return effect{touched: touch(authz.TopicDomain, d.Name), object: d.Name}, nil
	}
}

func (m *Memory) removeDomain(c authz.RemoveDomain) (effect, error) {
	if _, ok := m.domains[c.Name]; !ok {
		return effect{}, authz.ErrNotFound
	}
	delete(m.domains, c.Name)
	return effect{touched: touch(authz.TopicDomain, c.Name), object: c.Name}, nil
}

func (m *Memory) putServerKey(k authz.ServerKey) (effect, error) {
	old, there := m.serverKeys[k.ID]
	switch {
	case there && old == k:
		return effect{}, nil
	case there:
		return effect{}, authz.ErrExists
	default:
		m.serverKeys[k.ID] = k
		return effect{object: k.ID}, nil
	}
}

func (m *Memory) removeServerKey(c authz.RemoveServerKey) (effect, error) {
	if _, there := m.serverKeys[c.ID]; !there {
		return effect{}, authz.ErrNotFound
	}
	delete(m.serverKeys, c.ID)
	return effect{object: c.ID}, nil
}

func touch(topic authz.Topic, name ...string) []authz.Touch {
	return []authz.Touch{{Topic: topic, Name: name}}
}

func touchMember(key memberKey) []authz.Touch {
	return touch(authz.TopicMember, key.organization, key.subject)
}
