package sqlite

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// List implements authz.Lister.
func (s *Store) List(ctx context.Context, asked authz.Query) (authz.Listing, error) {
	listing, err := s.list(ctx, asked)
	if err != nil {
		return authz.Listing{}, fmt.Errorf("list %s: %w", asked.Of, err)
	}
	return listing, nil
}

func (s *Store) list(ctx context.Context, q authz.Query) (l authz.Listing, err error) {
	if err := paged(q.Skip, q.Most); err != nil {
		return l, err
	}
	switch q.Of {
	case authz.Tokens:
		l.Tokens, err = page(ctx, s, tokens, selection{q, "t.created, t.id", columns{tenant: "t.tenant", owner: "t.owner", prefix: "t.prefix", id: "t.id"}})
	case authz.Principals:
		l.Principals, err = page(ctx, s, principals, selection{q, "p.kind, p.name", columns{tenant: "p.tenant", kind: "p.kind"}})
	case authz.Organizations:
		l.Organizations, err = page(ctx, s, organizations, selection{q, "o.id", columns{}})
	case authz.Members:
		l.Members, err = page(ctx, s, members, selection{q, "m.organization, m.subject", columns{tenant: "m.organization"}})
	case authz.Domains:
		l.Domains, err = page(ctx, s, domains, selection{q, "d.name", columns{tenant: "d.organization"}})
	case authz.ServerKeys:
		l.ServerKeys, err = page(ctx, s, serverKeys, selection{q, "k.id", columns{}})
	default:
		return l, fmt.Errorf("%w: no such collection", authz.ErrInvalid)
	}
	return l, err
}

// selection is a query in SQL's words.
type selection struct {
	query   authz.Query
	sorted  string
	columns columns
}

// columns are what a collection chooses by: "" is what it does not have.
type columns struct{ tenant, owner, prefix, id, kind string }

func page[T any](ctx context.Context, s *Store, what func(string) query[T], of selection) ([]T, error) {
	q, rest := of.query, " WHERE true"
	var args []any
	for _, each := range []struct{ column, value string }{
		{of.columns.tenant, q.Tenant},
		{of.columns.owner, q.Owner},
		{of.columns.prefix, q.Prefix},
		{of.columns.id, q.ID},
		{of.columns.kind, string(q.Kind)},
	} {
		switch {
		case each.value == "":
			continue
		case each.column == "":
			return nil, fmt.Errorf("%w: the collection is not chosen by that", authz.ErrInvalid)
		}
		// That it is not "" is what lets an index of the rows that have one be used.
		rest += fmt.Sprintf(" AND %[1]s = ? AND %[1]s <> ''", each.column)
		args = append(args, each.value)
	}
	return all(ctx, s.admin, what(rest+" ORDER BY "+of.sorted+" LIMIT ? OFFSET ?"), append(args, q.Most, q.Skip)...)
}
