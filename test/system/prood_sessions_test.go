package system_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// The guards are session's verification of the signature, before anything is looked
// up, and the rule for one cookie's name that stands twice.
func testCookie(t *testing.T, c commerce) {
	t.Helper()
	ann := work(t, c, betterauth.Ann, betterauth.Acme)
	whole := ann.Cookie()
	plain, err := url.PathUnescape(whole)
	must(t, err)
	for _, name := range []string{"better-auth.session", "better-auth.session_token", betterauth.Cookie} {
		is(t, c.ask(t, api, get(shop, "/v1/products", cookie(name, whole))), "session", betterauth.Acme, "storefront admin", ann.ID())
		is(t, c.ask(t, api, get(shop, "/v1/products", cookie(name, plain))), "session", betterauth.Acme, "storefront admin", ann.ID())
	}
	before := len(c.auth.Asked(t))
	tampered := strings.Repeat("a", len(ann.SessionToken())) + strings.TrimPrefix(whole, ann.SessionToken())
	for name, value := range map[string]string{"tampered": tampered, "unsigned": ann.SessionToken(), "of another secret": ann.SessionToken() + "." + strings.Repeat("A", 43) + "%3D"} {
		t.Run(name, func(t *testing.T) {
			got := c.ask(t, api, get(shop, "/v1/products", session(value)))
			passes(t, got)
			acmeIs(t, got, "host")
		})
	}
	if asked := c.auth.Asked(t)[before:]; len(asked) > 0 {
		t.Errorf("records of kind %v were asked for", asked)
	}
	twice := func(other string) reply {
		return c.ask(t, api, get(shop, "/v1/products", cookie(betterauth.Cookie, whole+"; "+betterauth.Cookie+"="+other)))
	}
	is(t, twice(whole), "session", betterauth.Acme, "storefront admin", ann.ID())
	refused(t, twice(c.auth.SignIn(t, betterauth.Ann).Cookie()), 400, badRequest)
}

// Hole 3 of the requirements' 1.2 is closed: the organization that a session says it is
// in is as old as the session. The guard is the standing of its user.
func testSessionTenant(t *testing.T, c commerce) {
	t.Helper()
	ann, fred := work(t, c, betterauth.Ann, betterauth.Acme), c.auth.SignUp(t, "Fred")
	is(t, c.ask(t, api, get(apiHost, "/v1/products", session(ann.Cookie()))), "session", betterauth.Acme, "storefront admin", ann.ID())
	ann.Invite(t, betterauth.Acme, fred, "admin")
	must(t, fred.SetActive(t.Context(), betterauth.Acme))
	ann.Remove(t, betterauth.Acme, fred)
	if fred.Session(t).ActiveOrganizationID != betterauth.Acme {
		t.Fatal("Better Auth has closed the hole itself")
	}
	is(t, c.ask(t, api, get(shop, "/v1/products", session(fred.Cookie()))), "session", betterauth.Acme, "storefront", fred.ID())
	refused(t, c.ask(t, api, get(shop, "/v1/admin/stats", session(fred.Cookie()))), 403, forbidden)
	refused(t, c.ask(t, api, get(nobodys, "/v1/products", session(fred.Cookie()))), 403, denied(boundUser))
	refused(t, c.ask(t, api, get(nobodys, "/v1/admin/stats", session(fred.Cookie()))), 403, denied(boundUser))
}

// Removed while the verdict is remembered, a member is none within the age of the fact.
// The guard is the basis of a standing.
func testRemovedMember(t *testing.T, c commerce) {
	t.Helper()
	ann, gina := work(t, c, betterauth.Ann, betterauth.Acme), c.auth.SignUp(t, "Gina")
	ann.Invite(t, betterauth.Acme, gina, "admin")
	must(t, gina.SetActive(t.Context(), betterauth.Acme))
	stats := get(apiHost, "/v1/admin/stats", session(gina.Cookie()))
	is(t, c.ask(t, api, stats), "session", betterauth.Acme, "storefront admin", gina.ID())
	ann.Remove(t, betterauth.Acme, gina)
	refused(t, c.until(t, 403, stats), 403, denied(boundUser))
}

// The guard is the scopes of the roles, of which sessions have all.
func testSessionScopes(t *testing.T, c commerce) {
	t.Helper()
	ann := work(t, c, betterauth.Ann, betterauth.Acme)
	passes(t, c.ask(t, api, get(apiHost, "/v1/products", session(ann.Cookie()))))
	passes(t, c.ask(t, api, post(apiHost, "/v1/admin/products", session(ann.Cookie()))))
}

// The guard is what the example says of guests.
func testCustomer(t *testing.T, c commerce) {
	t.Helper()
	carl := c.auth.SignUp(t, "Carl")
	is(t, c.ask(t, api, get(shop, "/v1/orders", session(carl.Cookie()))), "session", betterauth.Acme, "storefront", carl.ID())
	is(t, c.ask(t, api, get("bolt.prood.app", "/v1/orders", session(carl.Cookie()))), "session", betterauth.Bolt, "storefront", carl.ID())
	refused(t, c.ask(t, api, get(shop, "/v1/admin/orders", session(carl.Cookie()))), 403, forbidden)
	refused(t, c.ask(t, api, get(nobodys, "/v1/orders", session(carl.Cookie()))), 403, denied(boundUser))
}

// A merchant who looks at another's shop is still at work for their own: the session
// wins, as the document's table says. The guard is the order of the groups.
func testMerchantElsewhere(t *testing.T, c commerce) {
	t.Helper()
	bob := work(t, c, betterauth.Bob, betterauth.Bolt)
	is(t, c.ask(t, api, get(shop, "/v1/products", session(bob.Cookie()))), "session", betterauth.Bolt, "storefront admin", bob.ID())
}
