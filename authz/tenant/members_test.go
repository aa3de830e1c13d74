package tenant_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tenant"
)

var errDown = errors.New("down")

// list has Ann in A, and Eve with one scope, and compares names as a collation would.
type list struct{}

func (list) Member(_ context.Context, organization, subject string) (authz.Membership, error) {
	switch {
	case organization == "down":
		return authz.Membership{}, errDown
	case (organization == "A" || organization == "a") && (subject == "ann" || subject == "ANN"), organization == "" || subject == "":
		return authz.Membership{Organization: "A", Subject: "ann"}, nil
	case organization == "A" && subject == "eve":
		return authz.Membership{Organization: "A", Subject: "eve", Scopes: []string{"read"}}, nil
	default:
		return authz.Membership{}, authz.ErrNotFound
	}
}

// TestMembers. Guards: the conditions of Belongs, each by its row.
func TestMembers(t *testing.T) {
	resting := func(organization, subject string) authz.Basis {
		return authz.Basis{Lasting: true, Stripes: []authz.Stripe{
			authz.Touch{Topic: authz.TopicMember, Name: []string{organization, subject}}.Stripe(),
			authz.Touch{Topic: authz.TopicOrganization, Name: []string{organization}}.Stripe(),
		}}
	}
	other := errors.New("any other")
	shop := authz.Caller{Authenticator: "shop", Tenant: "A", Settled: true}
	person := func(subject string) authz.Caller {
		return authz.Caller{Authenticator: "token", Subject: subject, Tenant: "A"}
	}
	whole, read := authz.Bound{Whole: true}, authz.Bound{Scopes: []string{"read"}}
	for _, test := range []struct {
		name, tenant string
		caller       authz.Caller
		want         error
		bound        authz.Bound
		basis        authz.Basis
	}{
		{"member", "A", person("ann"), nil, whole, resting("A", "ann")},
		{"member with scopes", "A", person("eve"), nil, read, resting("A", "eve")},
		{"of another organization", "B", person("ann"), authz.ErrNotMember, authz.Bound{}, resting("B", "ann")},
		{"somebody else", "A", person("bob"), authz.ErrNotMember, authz.Bound{}, resting("A", "bob")},
		{"nobody", "A", authz.Caller{Authenticator: "guest"}, authz.ErrNotMember, authz.Bound{}, authz.Lasting()},
		{"nobody, who claims a tenant", "A", person(""), authz.ErrNotMember, authz.Bound{}, authz.Lasting()},
		{"by host", "A", shop, nil, whole, authz.Lasting()},
		{"by another's host", "B", shop, authz.ErrNotMember, authz.Bound{}, authz.Lasting()},
		{"settled, and somebody", "A", authz.Caller{Tenant: "A", Subject: "bob", Settled: true}, nil, whole, authz.Lasting()},
		{"settled elsewhere, and a member", "A", authz.Caller{Tenant: "B", Subject: "eve", Settled: true}, nil, read, resting("A", "eve")},
		{"settled elsewhere", "A", authz.Caller{Tenant: "B", Subject: "bob", Settled: true}, authz.ErrNotMember, authz.Bound{}, resting("A", "bob")},
		{"not settled, and claims it", "A", person("bob"), authz.ErrNotMember, authz.Bound{}, resting("A", "bob")},
		{"no tenant", "", person("ann"), authz.ErrNotMember, authz.Bound{}, authz.Lasting()},
		{"no tenant, settled", "", authz.Caller{Settled: true}, authz.ErrNotMember, authz.Bound{}, authz.Lasting()},
		{"store down", "down", person("ann"), other, authz.Bound{}, authz.Basis{}},
		{"another case of the organization", "a", person("ann"), other, authz.Bound{}, authz.Basis{}},
		{"another case of the subject", "A", person("ANN"), other, authz.Bound{}, authz.Basis{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			members := tenant.NewMembers(tenant.MemberSettings{Store: list{}})
			bound, basis, err := members.Belongs(t.Context(), test.tenant, test.caller)
			if (err == nil) != (test.want == nil) || errors.Is(test.want, authz.ErrNotMember) != errors.Is(err, authz.ErrNotMember) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(bound, test.bound); diff != "" {
				t.Errorf("bound (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(basis, test.basis); diff != "" {
				t.Errorf("basis (-got +want):\n%s", diff)
			}
		})
	}
}

// TestListed: where only listed scopes count, a membership that lists none leaves none;
// a host, which is no member, keeps what the operator gave it.
func TestListed(t *testing.T) {
	members := tenant.NewMembers(tenant.MemberSettings{Store: list{}, Listed: true})
	for subject, want := range map[string]authz.Bound{"ann": {}, "eve": {Scopes: []string{"read"}}, "": {Whole: true}} {
		bound, _, err := members.Belongs(t.Context(), "A", authz.Caller{Authenticator: "shop", Subject: subject, Tenant: "A", Settled: subject == ""})
		if diff := cmp.Diff(bound, want); diff != "" || err != nil {
			t.Errorf("%q: %v, bound (-got +want):\n%s", subject, err, diff)
		}
	}
}

// TestNoListOfMembers: the zero Members denies.
func TestNoListOfMembers(t *testing.T) {
	if _, _, err := (tenant.Members{}).Belongs(t.Context(), "A", authz.Caller{Subject: "ann"}); err == nil || errors.Is(err, authz.ErrNotMember) {
		t.Errorf("got %v, want that nobody can tell", err)
	}
}
