package system_test

import "testing"

// TestDomains: hosts come to stand for organizations and cease to while the server
// runs, and each change acts before its command returns, remembered verdicts and
// remembered denials included. Guards: settings.leaves of the host room; its lookUp,
// whose stripe of the domain ends what is remembered.
func TestDomains(t *testing.T) {
	w := beginStore(t, "testdata/tenants")
	nobodys := func(t *testing.T, hosts ...string) {
		t.Helper()
		for range 2 { // the second answer is a remembered one
			for _, host := range hosts {
				refused(t, w.ask(t, "raw", get(host, "/key")), 401, `{"code":"unauthenticated"}`)
			}
		}
	}
	of := func(t *testing.T, tenant string, hosts ...string) {
		t.Helper()
		for range 2 {
			for _, host := range hosts {
				got := w.ask(t, "raw", get(host, "/key"))
				passes(t, got)
				onlyIdentity(t, got, map[string]string{"x-authz-tenant": tenant, "x-authz-kind": "shop", "x-authz-scopes": "storefront"})
			}
		}
	}
	put := func(t *testing.T, name, organization string, flags ...string) {
		t.Helper()
		w.done(t, "", append([]string{"domain", "put", name, "--org", organization}, flags...)...)
	}
	w.done(t, "", "org", "put", "A")
	w.done(t, "", "org", "put", "B")
	t.Run("P15", func(t *testing.T) {
		nobodys(t, "acme.prood.app", "shop.acme.test")
		put(t, "acme.prood.app", "A", "--verified")
		put(t, "shop.acme.test", "A")
		of(t, "A", "acme.prood.app", "ACME.prood.app:8443")
		nobodys(t, "shop.acme.test")
		put(t, "shop.acme.test", "A", "--verified")
		of(t, "A", "shop.acme.test")
		for _, name := range []string{"prood.app", "www.prood.app", "api.prood.app", "dashboard.prood.app", "pay.prood.app", "docs.prood.app", "a.b.prood.app"} {
			put(t, name, "B", "--verified")
			nobodys(t, name)
		}
	})
	t.Run("a domain changes hands", func(t *testing.T) {
		if _, err := w.admin(t, "", "domain", "put", "shop.acme.test", "--org", "B", "--verified"); err == nil {
			t.Error("B has A's verified domain")
		}
		of(t, "A", "shop.acme.test")
		w.done(t, "", "domain", "remove", "shop.acme.test")
		nobodys(t, "shop.acme.test")
		put(t, "shop.acme.test", "B", "--verified")
		of(t, "B", "shop.acme.test")
	})
	t.Run("an organization goes with its hosts", func(t *testing.T) {
		w.done(t, "", "org", "remove", "A", "--reason", "left")
		nobodys(t, "acme.prood.app")
		of(t, "B", "shop.acme.test")
	})
}
