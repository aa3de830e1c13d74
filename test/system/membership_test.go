package system_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// TestMembership: who ceases to be a member ceases to be admitted with the next
// request, whatever their credential says and whatever is remembered. Guards: the stripe
// of the membership in tenant.Members, and the default of compiler.belonging.
func TestMembership(t *testing.T) {
	w := beginStore(t, "testdata/tenants")
	w.done(t, "", "org", "put", "A")
	w.done(t, "", "org", "put", "B")
	w.done(t, "", "domain", "put", "shop.acme.test", "--org", "A", "--verified")
	mint := func(subject, tenant string, scopes ...string) field {
		args := []string{"token", "mint", "--prefix", "pfy_", "--subject", subject, "--tenant", tenant}
		for _, scope := range scopes {
			args = append(args, "--scope", scope)
		}
		return bearer(w.done(t, "", args...))
	}
	twice := func(t *testing.T, c call, check func(*testing.T, reply)) {
		t.Helper()
		for range 2 { // the second answer is a remembered one
			check(t, w.ask(t, "raw", c))
		}
	}
	noMember := func(t *testing.T, got reply) { t.Helper(); refused(t, got, 403, `{"code":"tenant"}`) }
	ann, evil := mint("ann", "A", "storefront", "admin"), mint("eve", "A", "admin")
	orders := call{method: "POST", host: "api.prood.test", path: "/big"}
	as := func(c call, who field) call { c.headers = []field{who}; return c }
	member := func(args ...string) { w.done(t, "", append([]string{"member"}, args...)...) }
	t.Run("P09", func(t *testing.T) { // the key's tenant is a claim of whoever made it
		twice(t, as(orders, evil), noMember)
		member("put", "B", "eve")
		twice(t, as(orders, evil), noMember)
	})
	t.Run("P06", func(t *testing.T) {
		twice(t, as(get("api.prood.test", "/tenants/A"), ann), noMember)
		member("put", "A", "ann")
		twice(t, as(orders, ann), passes)
		twice(t, as(get("api.prood.test", "/tenants/A"), ann), passes)
		twice(t, as(get("api.prood.test", "/tenants/B"), ann), noMember)
	})
	t.Run("P10", func(t *testing.T) { // the scopes stay within what the membership grants
		member("put", "A", "ann", "--scope", "storefront")
		twice(t, as(orders, ann), func(t *testing.T, got reply) { t.Helper(); refused(t, got, 403, `{"code":"scope"}`) })
		twice(t, as(get("api.prood.test", "/key"), ann), func(t *testing.T, got reply) {
			t.Helper()
			passes(t, got)
			onlyIdentity(t, got, map[string]string{
				"x-authz-tenant": "A", "x-authz-subject": "ann", "x-authz-scopes": "storefront", "x-authz-kind": "token",
				"x-authz-token-id": got.upstream("x-authz-token-id"),
			})
		})
	})
	t.Run("P12", func(t *testing.T) { // the credential outlives the membership
		member("remove", "A", "ann")
		twice(t, as(get("api.prood.test", "/key"), ann), noMember)
		twice(t, as(get("shop.acme.test", "/key"), ann), noMember)
		member("put", "A", "ann")
		twice(t, as(orders, ann), passes)
		w.done(t, "", "org", "remove", "A", "--reason", "left")
		twice(t, as(orders, ann), func(t *testing.T, got reply) { t.Helper(); refused(t, got, 401, `{"code":"rejected"}`) })
	})
	t.Run("the record says who was asked", func(t *testing.T) {
		must(t, w.sallyport.Stop())
		var rules []string
		for _, line := range w.sallyport.Records() {
			var record mesh.Record
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Fatal(err)
			}
			if record.Reason == "tenant" && !slices.Contains(rules, record.Rule) {
				rules = append(rules, record.Rule)
			}
		}
		if !slices.Equal(rules, []string{"membership"}) {
			t.Errorf("denials of the reason tenant were made by %q, want membership", rules)
		}
	})
}
