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

// list has Ann in A, and compares names as a collation would.
type list struct{}

func (list) Member(_ context.Context, organization, subject string) (authz.Membership, error) {
	switch {
	case organization == "down":
		return authz.Membership{}, errDown
	case (organization == "A" || organization == "a") && (subject == "ann" || subject == "ANN"), organization == "" || subject == "":
		return authz.Membership{Organization: "A", Subject: "ann"}, nil
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
	for _, test := range []struct {
		name, tenant, subject string
		want                  error
		basis                 authz.Basis
	}{
		{"member", "A", "ann", nil, resting("A", "ann")},
		{"of another organization", "B", "ann", authz.ErrNotMember, resting("B", "ann")},
		{"somebody else", "A", "bob", authz.ErrNotMember, resting("A", "bob")},
		{"nobody", "A", "", authz.ErrNotMember, authz.Lasting()},
		{"no tenant", "", "ann", authz.ErrNotMember, authz.Lasting()},
		{"store down", "down", "ann", other, authz.Basis{}},
		{"another case of the organization", "a", "ann", other, authz.Basis{}},
		{"another case of the subject", "A", "ANN", other, authz.Basis{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			basis, err := tenant.NewMembers(list{}).Belongs(t.Context(), test.tenant, authz.Caller{Subject: test.subject})
			if (err == nil) != (test.want == nil) || errors.Is(test.want, authz.ErrNotMember) != errors.Is(err, authz.ErrNotMember) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(basis, test.basis); diff != "" {
				t.Errorf("basis (-got +want):\n%s", diff)
			}
		})
	}
}

// TestNoListOfMembers: the zero Members denies.
func TestNoListOfMembers(t *testing.T) {
	if _, err := (tenant.Members{}).Belongs(t.Context(), "A", authz.Caller{Subject: "ann"}); err == nil || errors.Is(err, authz.ErrNotMember) {
		t.Errorf("got %v, want that nobody can tell", err)
	}
}
