package storetest

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// List implements authz.Lister.
func (m *Memory) List(ctx context.Context, q authz.Query) (authz.Listing, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := ctx.Err(); err != nil {
		return authz.Listing{}, fmt.Errorf("list %s: %w", q.Of, err)
	}
	if q.Skip < 0 || q.Most < 1 || q.Most > authz.MostRows || !fits(q) {
		return authz.Listing{}, fmt.Errorf("%w: query", authz.ErrInvalid)
	}
	switch q.Of {
	case authz.Tokens:
		return authz.Listing{Tokens: m.listTokens(q)}, nil
	case authz.Principals:
		return authz.Listing{Principals: m.listPrincipals(q)}, nil
	case authz.Organizations:
		return authz.Listing{Organizations: page(q, maps.Values(m.organizations), byID)}, nil
	case authz.Members:
		return authz.Listing{Members: m.listMembers(q)}, nil
	case authz.Domains:
		return authz.Listing{Domains: m.listDomains(q)}, nil
	case authz.ServerKeys:
		return authz.Listing{ServerKeys: page(q, maps.Values(m.serverKeys), func(a, b authz.ServerKey) int { return strings.Compare(a.ID, b.ID) })}, nil
	default:
		return authz.Listing{}, fmt.Errorf("%w: collection", authz.ErrInvalid)
	}
}

// fits reports whether the collection has every field that the query chooses by.
func fits(q authz.Query) bool {
	ofTokens, ofPrincipals := q.Of == authz.Tokens, q.Of == authz.Principals
	hasTenant := ofTokens || ofPrincipals || q.Of == authz.Members || q.Of == authz.Domains
	return (q.Tenant == "" || hasTenant) && (q.Owner+q.Prefix+q.ID == "" || ofTokens) && (q.Kind == "" || ofPrincipals)
}

func (m *Memory) listTokens(q authz.Query) []authz.Token {
	var chosen []authz.Token
	for _, t := range m.tokens {
		if is(q.Tenant, t.Tenant) && is(q.Owner, t.Owner) && is(q.Prefix, t.Ref.Prefix) && is(q.ID, t.ID) {
			chosen = append(chosen, m.shown(t))
		}
	}
	return page(q, slices.Values(chosen), func(a, b authz.Token) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
}

func (m *Memory) listPrincipals(q authz.Query) []authz.Principal {
	var chosen []authz.Principal
	for _, p := range m.principals {
		if is(q.Tenant, p.Tenant) && is(string(q.Kind), string(p.Kind)) {
			chosen = append(chosen, copyPrincipal(p))
		}
	}
	return page(q, slices.Values(chosen), func(a, b authz.Principal) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Name, b.Name))
	})
}

func (m *Memory) listMembers(q authz.Query) []authz.Membership {
	var chosen []authz.Membership
	for _, member := range m.members {
		if is(q.Tenant, member.Organization) {
			chosen = append(chosen, copyMember(member))
		}
	}
	return page(q, slices.Values(chosen), func(a, b authz.Membership) int {
		return cmp.Or(strings.Compare(a.Organization, b.Organization), strings.Compare(a.Subject, b.Subject))
	})
}

func (m *Memory) listDomains(q authz.Query) []authz.Domain {
	var chosen []authz.Domain
	for _, d := range m.domains {
		if is(q.Tenant, d.Organization) {
			chosen = append(chosen, d)
		}
	}
	return page(q, slices.Values(chosen), func(a, b authz.Domain) int { return strings.Compare(a.Name, b.Name) })
}

func byID(a, b authz.Organization) int { return strings.Compare(a.ID, b.ID) }

func is(asked, value string) bool { return asked == "" || asked == value }

func page[T any](q authz.Query, all iter.Seq[T], compare func(a, b T) int) []T {
	sorted := slices.SortedFunc(all, compare)
	sorted = sorted[min(q.Skip, len(sorted)):]
	return sorted[:min(q.Most, len(sorted))]
}
