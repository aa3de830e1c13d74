package storetest_test

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// asking changes queries, and answering what they get.
func asking(edit func(*authz.Query)) defect {
	return func(b *bent) {
		b.list = func(ctx context.Context, query authz.Query) (authz.Listing, error) {
			edit(&query)
			return b.Engine.List(ctx, query)
		}
	}
}

func answering(edit func(*authz.Listing)) defect {
	return func(b *bent) {
		b.list = func(ctx context.Context, query authz.Query) (authz.Listing, error) {
			l, err := b.Engine.List(ctx, query)
			edit(&l)
			return l, err
		}
	}
}

const (
	lists   = "lists are sorted, chosen and paged"
	queries = "queries that are none are refused"
)

var listDefects = []breach{
	{"a tenant does not choose", asking(func(q *authz.Query) { q.Tenant = "" }), lists, ""},
	{"a prefix does not choose", asking(func(q *authz.Query) { q.Prefix = "" }), lists, ""},
	{"an owner does not choose", asking(func(q *authz.Query) { q.Owner = "" }), lists, ""},
	{"an id does not choose", asking(func(q *authz.Query) { q.ID = "" }), lists, ""},
	{"a kind does not choose", asking(func(q *authz.Query) { q.Kind = "" }), lists, ""},
	{"nothing is skipped", asking(func(q *authz.Query) { q.Skip = 0 }), lists, ""},
	{"most is a guess", asking(func(q *authz.Query) { q.Most = min(q.Most, 4) }), lists, ""},
	{"a prefix is a pattern", func(b *bent) {
		b.list = func(ctx context.Context, q authz.Query) (authz.Listing, error) {
			l, err := b.Engine.List(ctx, q)
			if err == nil && strings.HasSuffix(q.Prefix, "_") && q.Skip == 0 {
				q.Prefix = strings.TrimSuffix(q.Prefix, "_") + "x"
				more, _ := b.Engine.List(ctx, q)
				l.Tokens = append(l.Tokens, more.Tokens...)
			}
			return l, err
		}
	}, lists, "mbz_"},
	{"tokens are unsorted", answering(func(l *authz.Listing) { slices.Reverse(l.Tokens) }), lists, "stands before"},
	{"principals are unsorted", answering(func(l *authz.Listing) { slices.Reverse(l.Principals) }), lists, "principals"},
	{"members are unsorted", answering(func(l *authz.Listing) { slices.Reverse(l.Members) }), lists, "members"},
	{"domains are unsorted", answering(func(l *authz.Listing) { slices.Reverse(l.Domains) }), lists, "domains"},
	{"organizations are unsorted", answering(func(l *authz.Listing) { slices.Reverse(l.Organizations) }), alike, "organizations by bytes"},
	{"server keys are unsorted", answering(func(l *authz.Listing) { slices.Reverse(l.ServerKeys) }), alike, "server keys by bytes"},
	{"principals are sorted without case", answering(func(l *authz.Listing) {
		slices.SortStableFunc(l.Principals, func(a, b authz.Principal) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		})
	}), alike, "principals by bytes"},
	{"listed tokens are not disabled", answering(func(l *authz.Listing) {
		for i := range l.Tokens {
			l.Tokens[i].Disabled = false
		}
	}), owned, "listed"},
	{"listed tokens were never used", answering(func(l *authz.Listing) {
		for i := range l.Tokens {
			l.Tokens[i].LastUsed = l.Tokens[i].Revoked
		}
	}), "last use never goes back", "last use in a list"},
	{"another collection is listed beside", answering(func(l *authz.Listing) {
		l.Organizations = append(l.Organizations, authz.Organization{ID: "acme"})
	}), lists, "Organizations"},
	{"what does not fit is ignored", func(b *bent) {
		b.list = func(ctx context.Context, q authz.Query) (authz.Listing, error) {
			l, err := b.Engine.List(ctx, q)
			if errors.Is(err, authz.ErrInvalid) && q.Of == authz.Organizations {
				return b.Engine.List(ctx, authz.Query{Of: q.Of, Most: q.Most})
			}
			return l, err
		}
	}, queries, "got no error"},
	{"most is cut to the most", asking(func(q *authz.Query) { q.Most = min(q.Most, authz.MostRows) }), queries, "got no error"},
	{"skip is cut to none", asking(func(q *authz.Query) { q.Skip = max(q.Skip, 0) }), queries, "got no error"},
}
