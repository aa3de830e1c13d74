package system_test

import (
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// asKey asks with a key that was just made.
func (c commerce) asKey(t *testing.T, path string, made betterauth.Key) reply {
	t.Helper()
	return c.ask(t, api, get(apiHost, path, key(made.Secret)))
}

// The guards are those of apikey.Recorded.Authenticate.
func testKeyLookup(t *testing.T, c commerce) {
	t.Helper()
	ann := c.auth.SignIn(t, betterauth.Ann)
	made := ann.CreateKey(t, says("admin"), 0)
	is(t, c.asKey(t, "/v1/admin/stats", made), "api-key", betterauth.Acme, "admin", "")
	refused(t, c.asKey(t, "/v1/admin/stats", betterauth.Key{Secret: made.Secret + "x"}), 401, unauthorized)
	disabled := ann.CreateKey(t, says("admin"), 0)
	ann.DisableKey(t, disabled.ID)
	refused(t, c.asKey(t, "/v1/admin/stats", disabled), 401, unauthorized)
	brief := ann.CreateKey(t, says("admin"), 2*time.Second)
	refused(t, c.until(t, 401, get(apiHost, "/v1/admin/stats", key(brief.Secret))), 401, unauthorized)
}

// Hole 1 of the requirements' 1.2 is closed: what a key says of its tenant is a claim.
// The guard is the standing of its owner.
func testKeyTenant(t *testing.T, c commerce) {
	t.Helper()
	ann, eve := c.auth.SignIn(t, betterauth.Ann), c.auth.SignUp(t, "Eve")
	refused(t, c.asKey(t, "/v1/products", ann.CreateKey(t, nil, 0)), 403, denied(boundKey))
	evil := eve.CreateKey(t, says("admin", "storefront"), 0)
	for _, path := range []string{"/v1/products", "/v1/admin/stats"} {
		got := c.asKey(t, path, evil)
		refused(t, got, 403, denied("no_member"))
	}
}

// The guards are Standing.Within, and the roles of the example.
func testKeyScopes(t *testing.T, c commerce) {
	t.Helper()
	ann, member := c.auth.SignIn(t, betterauth.Ann), c.auth.SignUp(t, "Mia")
	ann.Invite(t, betterauth.Acme, member, "member")
	none := map[string]any{"organizationId": betterauth.Acme}
	for _, q := range []struct {
		name       string
		owner      *betterauth.Person
		words      map[string]any
		storefront bool
		admin      bool
	}{
		{"admin alone", ann, says("admin"), false, true},
		{"both", ann, says("storefront", "admin"), true, true},
		{"none said", ann, none, true, false},
		{"an empty list", ann, says(), false, false},
		{"unknown", ann, says("root"), false, false},
		{"unknown, and one", ann, says("root", "storefront"), true, false},
		{"more than the owner's role", member, says("storefront", "admin"), true, false},
	} {
		t.Run(q.name, func(t *testing.T) {
			made := q.owner.CreateKey(t, q.words, 0)
			for path, may := range map[string]bool{"/v1/products": q.storefront, "/v1/admin/stats": q.admin} {
				if got := c.asKey(t, path, made); may {
					passes(t, got)
				} else {
					refused(t, got, 403, forbidden)
				}
			}
		})
	}
}
