package storetest

import (
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func checkLists(s *scene) {
	s.same("an empty store's tokens", s.list(authz.Query{Of: authz.Tokens}), authz.Listing{})
	s.organize("acme", "other")
	ada := s.put(person(authz.User, "ada"))
	tenants, prefixes, owners := []string{"acme", "other"}, []string{"mbz_", "mbzx", "pfy_"}, []string{"", ada.ID}
	made := 0
	for _, tenant := range tenants {
		for _, prefix := range prefixes {
			for _, owner := range owners {
				c := minting(fmt.Sprintf("n%d", 100-made))
				c.Token.Tenant, c.Token.Ref.Prefix, c.Token.Owner = tenant, prefix, owner
				s.mint(c)
				made++
				s.pass(time.Duration(made%3) * time.Second)
			}
		}
	}
	all := s.list(authz.Query{Of: authz.Tokens}).Tokens
	s.same("tokens", len(all), made)
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if a.Created.After(b.Created) || a.Created.Equal(b.Created) && a.ID >= b.ID {
			s.Errorf("token %s of %v stands before %s of %v", a.ID, a.Created, b.ID, b.Created)
		}
	}
	for _, tenant := range append(tenants, "", "nobody") {
		for _, prefix := range append(prefixes, "", "mbz", "mbz%") {
			for _, owner := range append(owners, "nobody") {
				s.checkTokenPages(authz.Query{Of: authz.Tokens, Tenant: tenant, Prefix: prefix, Owner: owner}, all)
			}
		}
	}
	s.checkTokenPages(authz.Query{Of: authz.Tokens, ID: all[1].ID}, all)
	s.checkTokenPages(authz.Query{Of: authz.Tokens, ID: all[1].ID, Prefix: all[1].Ref.Prefix + "x"}, all)
	s.checkTokenPages(authz.Query{Of: authz.Tokens, ID: "nobody"}, all)
	checkOtherLists(s)
}

// checkTokenPages reads a list whole, and page by page.
func (s *scene) checkTokenPages(q authz.Query, all []authz.Token) {
	s.Helper()
	var want, got []authz.Token
	for _, t := range all {
		if is(q.Tenant, t.Tenant) && is(q.Prefix, t.Ref.Prefix) && is(q.Owner, t.Owner) && is(q.ID, t.ID) {
			want = append(want, t)
		}
	}
	s.same(fmt.Sprintf("%+v", q), s.list(q), authz.Listing{Tokens: want})
	for q.Most = 5; ; q.Skip += q.Most {
		page := s.list(q).Tokens
		got = append(got, page...)
		if len(page) < q.Most || len(got) > len(all) {
			break
		}
	}
	s.same(fmt.Sprintf("pages of %+v", q), got, want)
}

func checkOtherLists(s *scene) {
	for _, kind := range []authz.PrincipalKind{authz.User, authz.Administrator} {
		for _, tenant := range []string{"other", "acme"} {
			p := person(kind, "z-"+tenant)
			p.Tenant = tenant
			s.put(p)
		}
	}
	for _, organization := range []string{"other", "acme"} {
		for _, subject := range []string{"b", "a"} {
			s.apply(authz.PutMember{Membership: authz.Membership{Organization: organization, Subject: subject}})
			s.apply(authz.PutDomain{Domain: authz.Domain{Name: subject + "." + organization, Organization: organization}})
		}
	}
	for _, c := range []struct {
		q    authz.Query
		want []string
	}{
		{authz.Query{Of: authz.Principals}, []string{"administrator z-acme", "administrator z-other", "user ada", "user z-acme", "user z-other"}},
		{authz.Query{Of: authz.Principals, Kind: authz.User, Skip: 1, Most: 1}, []string{"user z-acme"}},
		{authz.Query{Of: authz.Principals, Kind: authz.User, Tenant: "other"}, []string{"user z-other"}},
		{authz.Query{Of: authz.Principals, Kind: authz.Machine}, nil},
		{authz.Query{Of: authz.Organizations, Skip: 1}, []string{"other"}},
		{authz.Query{Of: authz.Organizations, Skip: 2}, nil},
		{authz.Query{Of: authz.Members}, []string{"acme a", "acme b", "other a", "other b"}},
		{authz.Query{Of: authz.Members, Tenant: "other", Most: 1}, []string{"other a"}},
		{authz.Query{Of: authz.Members, Skip: 1, Most: 2}, []string{"acme b", "other a"}},
		{authz.Query{Of: authz.Domains}, []string{"a.acme", "a.other", "b.acme", "b.other"}},
		{authz.Query{Of: authz.Domains, Tenant: "acme", Skip: 1}, []string{"b.acme"}},
		{authz.Query{Of: authz.ServerKeys}, nil},
	} {
		s.same(fmt.Sprintf("%+v", c.q), rowNames(s.list(c.q)), c.want)
	}
}

// rowNames tells all rows of a listing, of whichever collection.
func rowNames(l authz.Listing) []string {
	var names []string
	for _, p := range l.Principals {
		names = append(names, string(p.Kind)+" "+p.Name)
	}
	for _, o := range l.Organizations {
		names = append(names, o.ID)
	}
	for _, m := range l.Members {
		names = append(names, m.Organization+" "+m.Subject)
	}
	for _, d := range l.Domains {
		names = append(names, d.Name)
	}
	for _, k := range l.ServerKeys {
		names = append(names, k.ID)
	}
	for _, t := range l.Tokens {
		names = append(names, t.ID)
	}
	return names
}

func checkQueries(s *scene) {
	s.mint(minting("1"))
	for _, q := range []authz.Query{
		{},
		{Most: 1},
		{Of: "token", Most: 1},
		{Of: authz.Tokens},
		{Of: authz.Tokens, Most: -1},
		{Of: authz.Tokens, Most: authz.MostRows + 1},
		{Of: authz.Tokens, Most: 1, Skip: -1},
		{Of: authz.Tokens, Most: 1, Kind: authz.User},
		{Of: authz.Principals, Most: 1, Owner: "a"},
		{Of: authz.Principals, Most: 1, Prefix: "a"},
		{Of: authz.Principals, Most: 1, ID: "a"},
		{Of: authz.Organizations, Most: 1, Tenant: "a"},
		{Of: authz.Organizations, Most: 1, Owner: "a"},
		{Of: authz.Members, Most: 1, Prefix: "a"},
		{Of: authz.Members, Most: 1, Kind: authz.User},
		{Of: authz.Domains, Most: 1, Owner: "a"},
		{Of: authz.ServerKeys, Most: 1, Tenant: "a"},
	} {
		l, err := s.List(s.Context(), q)
		s.wantError(fmt.Sprintf("%+v", q), err, authz.ErrInvalid)
		s.same("listing beside an error", l, authz.Listing{})
	}
}
