package host_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/host"
)

func settings() host.Settings {
	return host.Settings{
		Platform: "prood.app",
		Reserved: []string{"www", "api", "dashboard", "pay", "docs"},
		Scopes:   []string{"storefront"},
		Tenants: []host.Tenant{
			{Tenant: "A", Slug: "acme", Domains: []host.Domain{{"shop.acme.test", true}, {"new.acme.test", false}}},
			{Tenant: "B", Domains: []host.Domain{{"xn--bcher-kva.test", true}}},
		},
	}
}

func newAuthenticator(t testing.TB) *host.Authenticator {
	t.Helper()
	a, err := host.New(settings())
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return a
}

func TestContract(t *testing.T) {
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := newAuthenticator(t)
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present: authntest.ByHost(),
		Valid:   []string{"shop.acme.test", "acme.prood.app"},
		Absent:  []string{"", "new.acme.test", "api.prood.app", "other.test"},
	})
}

// ask canonicalises the authority as the edge does, then finds the caller.
func ask(t *testing.T, a *host.Authenticator, authority string, headers ...authz.Header) (authz.Caller, error) {
	t.Helper()
	name, err := authz.ParseHost(authority)
	if err != nil {
		return authz.Caller{}, err
	}
	credential, err := a.Extract(&authz.Attributes{Request: &authz.Request{Host: name, Headers: authz.Headers{List: headers}}})
	if err != nil {
		return authz.Caller{}, err
	}
	caller, _, err := a.Authenticate(t.Context(), credential)
	return caller, err
}

// TestTenantOfHost (P14, P15, T-C21): every spelling of a host is the same
// tenant or nobody's. Counting unverified domains in own turns "unverified" red;
// looking a host up by its suffix turns "two labels" red.
func TestTenantOfHost(t *testing.T) {
	for _, test := range []struct {
		name, authority, tenant string
		want                    error
	}{
		{"custom domain", "shop.acme.test", "A", nil},
		{"capitals and port", "SHOP.acme.test:443", "A", nil},
		{"trailing dot", "shop.acme.test.", "A", nil},
		{"trailing dot and port", "Shop.Acme.Test.:8080", "A", nil},
		{"punycode", "XN--BCHER-KVA.test", "B", nil},
		{"slug", "acme.prood.app", "A", nil},
		{"slug in capitals", "ACME.Prood.App:8443", "A", nil},
		{"unverified", "new.acme.test", "", authz.ErrAbsent},
		{"below a custom domain", "www.shop.acme.test", "", authz.ErrAbsent},
		{"above a custom domain", "acme.test", "", authz.ErrAbsent},
		{"reserved slug", "api.prood.app", "", authz.ErrAbsent},
		{"unknown slug", "nobody.prood.app", "", authz.ErrAbsent},
		{"two labels", "a.acme.prood.app", "", authz.ErrAbsent},
		{"two labels, none known", "a.b.prood.app", "", authz.ErrAbsent},
		{"the platform itself", "prood.app", "", authz.ErrAbsent},
		{"the platform within another domain", "acme.prood.app.evil.test", "", authz.ErrAbsent},
		{"the platform as an ending only", "acmeprood.app", "", authz.ErrAbsent},
		{"userinfo", "shop.acme.test@evil.test", "", authz.ErrAmbiguous},
		{"two authorities", "shop.acme.test,evil.test", "", authz.ErrAmbiguous},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller, err := ask(t, newAuthenticator(t), test.authority)
			if !errors.Is(err, test.want) || caller.Tenant != test.tenant {
				t.Errorf("got tenant %q, %v, want %q, %v", caller.Tenant, err, test.tenant, test.want)
			}
		})
	}
}

// TestCaller (P16, P26, P27): tenant and scopes, no subject, no user.
func TestCaller(t *testing.T) {
	got, err := ask(t, newAuthenticator(t), "shop.acme.test")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, authz.Caller{Tenant: "A", Settled: true, Scopes: []string{"storefront"}}); diff != "" {
		t.Errorf("caller (-got +want):\n%s", diff)
	}
}

// TestOtherHostHeaders (P14): headers that name a host are not looked at.
// Reading one of them in Extract turns it red, and the contract test too.
func TestOtherHostHeaders(t *testing.T) {
	for _, name := range []string{"host", "x-storefront-host", "x-forwarded-host", "forwarded", "x-original-host"} {
		_, err := ask(t, newAuthenticator(t), "other.test", authz.Header{Name: name, Value: "shop.acme.test"})
		if !errors.Is(err, authz.ErrAbsent) {
			t.Errorf("%s: got %v, want ErrAbsent", name, err)
		}
	}
}

func TestConnectionIsAbsent(t *testing.T) {
	attributes := &authz.Attributes{Peer: authz.Peer{SNI: "shop.acme.test"}}
	if _, err := newAuthenticator(t).Extract(attributes); !errors.Is(err, authz.ErrAbsent) {
		t.Errorf("got %v, want ErrAbsent", err)
	}
}

// TestScopesAreCopies: what New was given may change later on.
func TestScopesAreCopies(t *testing.T) {
	given := settings()
	a, err := host.New(given)
	if err != nil {
		t.Fatal(err)
	}
	given.Scopes[0] = "admin"
	got, err := ask(t, a, "acme.prood.app")
	if err != nil || got.Scopes[0] != "storefront" {
		t.Errorf("got %v, %v, want the scope storefront", got.Scopes, err)
	}
}

// FuzzExtract: only a host that is spelt out in the settings is somebody's,
// whatever the authority, and nothing is ever malformed or rejected.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{"", "shop.acme.test", "SHOP.acme.test.:443", "a.acme.prood.app", "[::1]:80", "a@b", "acme.prood.app.evil.test"} {
		f.Add(seed)
	}
	owned := map[string]string{"shop.acme.test": "A", "acme.prood.app": "A", "xn--bcher-kva.test": "B"}
	f.Fuzz(func(t *testing.T, authority string) {
		caller, err := ask(t, newAuthenticator(t), authority)
		spelt := strings.ToLower(authority)
		if colon := strings.IndexByte(spelt, ':'); colon >= 0 {
			spelt = spelt[:colon]
		}
		want := owned[strings.TrimSuffix(spelt, ".")]
		switch {
		case caller.Tenant != "" && caller.Tenant != want:
			t.Errorf("%q: got tenant %q, want %q", authority, caller.Tenant, want)
		case (err == nil) != (caller.Tenant != ""):
			t.Errorf("%q: got tenant %q beside %v", authority, caller.Tenant, err)
		case err != nil && !errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrAmbiguous):
			t.Errorf("%q: got %v, want absent", authority, err)
		}
	})
}
