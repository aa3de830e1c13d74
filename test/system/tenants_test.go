package system_test

import (
	"fmt"
	"testing"
)

// TestTenants: threats that confuse one tenant with another, where the store knows all
// of them. Each is asked twice, so that remembered verdicts are held to it too. Guards:
// compiler.belonging (T-C15), authz.ParseHost (T-C21), search.group's first two cases
// (T-M1, T-M2).
func TestTenants(t *testing.T) {
	w := beginStore(t, "testdata/tenants")
	const n = 3
	tenants, keys := []string{"t0", "t1", "t2"}, make([]string, n)
	mint := func(prefix string, person int, tenant string) string {
		return w.done(t, "", "token", "mint", "--prefix", prefix, "--subject", fmt.Sprintf("person%d", person), "--tenant", tenant, "--scope", "storefront")
	}
	for i, tenant := range tenants {
		w.done(t, "", "org", "put", tenant)
		w.done(t, "", "member", "put", tenant, fmt.Sprintf("person%d", i))
		w.done(t, "", "domain", "put", tenant+".prood.app", "--org", tenant, "--verified")
		keys[i] = mint("mbz_", i, tenant)
	}
	first := bearer(mint("pfy_", 0, "t0"))
	twice := func(t *testing.T, c call, check func(*testing.T, reply)) {
		t.Helper()
		for range 2 {
			check(t, w.ask(t, "raw", c))
		}
	}
	isTenants := func(tenant string) func(*testing.T, reply) {
		return func(t *testing.T, got reply) {
			t.Helper()
			passes(t, got)
			if is := got.upstream("x-authz-tenant"); is != tenant {
				t.Errorf("the upstream is told %q, want %q", is, tenant)
			}
		}
	}
	isRefused := func(status int, reason string) func(*testing.T, reply) {
		return func(t *testing.T, got reply) { t.Helper(); refused(t, got, status, `{"code":"`+reason+`"}`) }
	}
	// Each person with a credential that claims each tenant, and each credential against
	// each tenant's path, on another tenant's host: only the diagonal passes, and the host
	// changes nothing beside a credential.
	t.Run("T-C15", func(t *testing.T) {
		for i := range n {
			for j := range n {
				want := isRefused(403, "tenant")
				if i == j {
					want = isTenants(tenants[i])
				}
				path, own, other := "/tenants/"+tenants[j], tenants[i]+".prood.app", tenants[(i+j)%n]+".prood.app"
				twice(t, get(own, path), want)
				twice(t, get(other, path, key(keys[i])), want)
				claim := bearer(mint("pfy_", i, tenants[j]))
				twice(t, get(own, "/key", claim), want)
				twice(t, get(other, "/key", claim), want)
			}
		}
	})
	t.Run("T-C21", func(t *testing.T) {
		for _, spelling := range []string{"T0.Prood.APP", "t0.prood.app.", "t0.prood.app:443", "T0.prood.app.:8443"} {
			twice(t, get(spelling, "/key"), isTenants("t0"))
		}
		for _, other := range []string{"t0.prood.app.evil.test", "x.t0.prood.app", "t0prood.app", "t0-.prood.app", "t9.prood.app"} {
			twice(t, get(other, "/key"), isRefused(401, "unauthenticated"))
		}
		for _, ambiguous := range []string{"t0.prood.app@evil.test", "evil.test@t0.prood.app", "t0.prood.app,t1.prood.app", "t0.prood.app t1.prood.app"} {
			if got := w.ask(t, "raw", get(ambiguous, "/key")); got.status != 400 {
				t.Errorf("%q: got %d %s, want 400", ambiguous, got.status, got.body)
			}
		}
		for _, name := range []string{"x-forwarded-host", "x-storefront-host", "x-original-host", "forwarded"} {
			twice(t, get("api.prood.test", "/key", field{name, "t0.prood.app"}), isRefused(401, "unauthenticated"))
		}
	})
	t.Run("T-M1", func(t *testing.T) { // a bad credential is no host caller
		w.done(t, "", "token", "revoke", keys[2][:12], "--reason", "left")
		twice(t, get("t2.prood.app", "/key"), isTenants("t2"))
		twice(t, get("t2.prood.app", "/key", key(keys[2])), isRefused(401, "rejected"))
		twice(t, get("t2.prood.app", "/key", key("mbz_cut")), isRefused(401, "malformed"))
	})
	t.Run("T-M2", func(t *testing.T) { // two credentials, of two tenants or of one
		for _, second := range []string{keys[1], keys[0], keys[2], "nobody's"} {
			twice(t, get("t0.prood.app", "/key", first, key(second)), isRefused(400, "conflict"))
		}
	})
}
