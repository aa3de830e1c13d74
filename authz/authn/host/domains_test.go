package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/host"
)

var errDown = errors.New("down")

// domains are by name; a name with nothing behind it is one that nobody can tell of.
type domains map[string]authz.Domain

func (d domains) Domain(_ context.Context, name string) (authz.Domain, error) {
	switch found, known := d[name]; {
	case !known:
		return authz.Domain{}, authz.ErrNotFound
	case found == authz.Domain{}:
		return authz.Domain{}, errDown
	default:
		return found, nil
	}
}

func stored() domains {
	of := func(name, organization string, verified bool) authz.Domain {
		return authz.Domain{Name: name, Organization: organization, Verified: verified}
	}
	return domains{
		"store.test": of("store.test", "C", true), "unverified.test": of("unverified.test", "C", false),
		"shop.acme.test": of("shop.acme.test", "evil", true), "new.acme.test": of("new.acme.test", "evil", true),
		"api.prood.app": of("api.prood.app", "evil", true), "prood.app": of("prood.app", "evil", true),
		"acme.prood.app": of("acme.prood.app", "evil", true), "a.b.prood.app": of("a.b.prood.app", "evil", true),
		"bolt.prood.app": of("bolt.prood.app", "C", true), "soon.prood.app": of("soon.prood.app", "C", false),
		"other.test": of("Other.test", "evil", true), "half.test": of("half.test", "", true), "down.test": {},
	}
}

func withDomains(t testing.TB) *host.Authenticator {
	t.Helper()
	s := settings()
	s.Domains = stored()
	a, err := host.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContractWithDomains(t *testing.T) {
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := withDomains(t)
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present:     authntest.ByHost(),
		Valid:       []string{"shop.acme.test", "acme.prood.app", "store.test"},
		Absent:      []string{"", "new.acme.test", "api.prood.app", "a.b.prood.app", "unknown.test", "unverified.test"},
		Unavailable: []string{"down.test", "other.test", "half.test"},
	})
}

// TestDomains (P15): a store's domain stands for its organization once it is
// verified, and takes no host from the settings or the platform. Guards: the cases of
// lookUp, of leaves and of Authenticate, each by its row.
func TestDomains(t *testing.T) {
	stripe := func(topic authz.Topic, name string) authz.Stripe {
		return authz.Touch{Topic: topic, Name: []string{name}}.Stripe()
	}
	looked := func(name string) authz.Basis {
		return authz.Basis{Lasting: true, Stripes: []authz.Stripe{stripe(authz.TopicDomain, name)}}
	}
	both := func(name string) authz.Basis {
		basis := looked(name)
		basis.Stripes = append(basis.Stripes, stripe(authz.TopicOrganization, "C"))
		return basis
	}
	for _, test := range []struct {
		name, host, tenant string
		want               error
		basis              authz.Basis
	}{
		{"verified", "store.test", "C", nil, both("store.test")},
		{"slug", "bolt.prood.app", "C", nil, both("bolt.prood.app")},
		{"slug of the settings", "acme.prood.app", "A", nil, authz.Lasting()},
		{"unverified slug", "soon.prood.app", "", authz.ErrAbsent, looked("soon.prood.app")},
		{"unknown slug", "nobody.prood.app", "", authz.ErrAbsent, looked("nobody.prood.app")},
		{"two labels", "a.b.prood.app", "", authz.ErrAbsent, authz.Lasting()},
		{"of the settings", "shop.acme.test", "A", nil, authz.Lasting()},
		{"unverified in the settings", "new.acme.test", "", authz.ErrAbsent, authz.Lasting()},
		{"reserved slug", "api.prood.app", "", authz.ErrAbsent, authz.Lasting()},
		{"the platform's own", "prood.app", "", authz.ErrAbsent, authz.Lasting()},
		{"unverified", "unverified.test", "", authz.ErrAbsent, looked("unverified.test")},
		{"unknown", "unknown.test", "", authz.ErrAbsent, looked("unknown.test")},
		{"could not tell", "down.test", "", errDown, authz.Basis{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller, basis, err := withDomains(t).Authenticate(t.Context(), authz.Credential{Name: test.host})
			if !errors.Is(err, test.want) || caller.Tenant != test.tenant {
				t.Errorf("got %q and %v, want %q and %v", caller.Tenant, err, test.tenant, test.want)
			}
			if diff := cmp.Diff(basis, test.basis); diff != "" {
				t.Errorf("basis (-got +want):\n%s", diff)
			}
			if err == nil && !cmp.Equal(caller.Scopes, []string{"storefront"}) {
				t.Errorf("got the scopes %q", caller.Scopes)
			}
		})
	}
}

// TestDomainsAlone: a store may be all there is.
func TestDomainsAlone(t *testing.T) {
	a, err := host.New(host.Settings{Domains: stored()})
	if err != nil {
		t.Fatal(err)
	}
	if caller, _, err := a.Authenticate(t.Context(), authz.Credential{Name: "store.test"}); err != nil || caller.Tenant != "C" {
		t.Errorf("got %q and %v", caller.Tenant, err)
	}
}
