package system_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// The other bodies of the example's denials.
func denied(text string) string {
	return fmt.Sprintf(`{"error":%q,"code":"FORBIDDEN","status":403}`, text)
}

const (
	replayed   = `{"error":"jti_replay","code":"UNAUTHORIZED","status":401}`
	nobodys    = "unknown.test"
	boundAgent = "Agent session is not bound to an organization"
	boundKey   = "API key is not bound to an organization"
	boundUser  = "Session is not bound to a store organization"
)

// session is a cookie of a session, under the name that Better Auth gives it.
func session(value string) field { return cookie(betterauth.Cookie, value) }

func cookie(name, value string) field { return field{"cookie", name + "=" + value} }

// says is the metadata of a key that is for Acme, as it says.
func says(scopes ...string) map[string]any {
	return map[string]any{"organizationId": betterauth.Acme, "scopes": scopes}
}

// agents is the header of an agent that signs a JWT for one request.
func agents(t *testing.T, a *betterauth.Agent) field {
	t.Helper()
	return bearer(a.JWT(t, betterauth.Edit{}))
}

// work makes a session of an owner active on the shop that is theirs.
func work(t *testing.T, c commerce, email, organization string) *betterauth.Person {
	t.Helper()
	owner := c.auth.SignIn(t, email)
	must(t, owner.SetActive(t.Context(), organization))
	return owner
}

// is checks who the upstream saw.
func is(t *testing.T, got reply, kind, tenant, scopes, user string) {
	t.Helper()
	passes(t, got)
	for name, want := range map[string]string{"kind": kind, "tenant": tenant, "scopes": scopes, "user": user} {
		if seen := got.upstream("x-authz-" + name); seen != want {
			t.Errorf("the upstream saw %s %q, want %q", name, seen, want)
		}
	}
	for _, name := range []string{"authorization", "x-api-key", "x-checkout-secret", "cookie"} {
		if got.upstream(name) != "" {
			t.Errorf("the upstream saw %s", name)
		}
	}
}

// The guard is the order of the example's groups: with two of them changed places
// another kind decides.
func testOrder(t *testing.T, c commerce) {
	t.Helper()
	ann := work(t, c, betterauth.Ann, betterauth.Acme)
	agent := ann.Agent(t, "listProducts")
	storefront := ann.CreateKey(t, says("storefront"), 0)
	all := []field{{}, key(storefront.Secret), session(ann.Cookie())}
	for n, want := range []struct {
		kind, scopes, user string
		asked              []string
	}{
		{"agent", "storefront", ann.ID(), []string{"agent", "members"}},
		{"api-key", "storefront", "", []string{"key", "members"}},
		{"session", "storefront admin", ann.ID(), []string{"session", "members"}},
		{"host", "storefront", "", nil},
	} {
		headers := all[min(n, len(all)):]
		if n == 0 {
			headers = append([]field{agents(t, agent)}, all[1:]...)
		}
		before := len(c.auth.Asked(t))
		got := c.ask(t, api, get(shop, "/v1/products", headers...))
		is(t, got, want.kind, betterauth.Acme, want.scopes, want.user)
		for _, asked := range c.auth.Asked(t)[before:] {
			if !slices.Contains(want.asked, asked) {
				t.Errorf("%s: a record of kind %s was asked for", want.kind, asked)
			}
		}
	}
}

// The guard is the authenticator's own word (Traits): which values are bad, and which
// are none.
func testPresentedBad(t *testing.T, c commerce) {
	t.Helper()
	ann := work(t, c, betterauth.Ann, betterauth.Acme)
	storefront := key(keyStorefront)
	for _, q := range []struct {
		name string
		call call
		kind string // "" is 401
	}{
		{"a JWT that is none, and a key", get(apiHost, "/v1/products", bearer("a.b.c"), storefront), ""},
		{"an opaque token, and a key", get(apiHost, "/v1/products", bearer("abc"), storefront), "api-key"},
		{"a bad key, and a session", get(apiHost, "/v1/products", key("pk_bad"), session(ann.Cookie())), ""},
		{"a bad cookie, at a shop", get(shop, "/v1/products", session("abc.def")), "host"},
		{"a cookie of nobody's, at a shop", get(shop, "/v1/products", session(ann.Cookie()[1:])), "host"},
		{"a bad cookie, at nobody's host", get(nobodys, "/v1/products", session("abc.def")), ""},
	} {
		t.Run(q.name, func(t *testing.T) {
			got := c.ask(t, api, q.call)
			if q.kind == "" {
				refused(t, got, 401, unauthorized)
				return
			}
			passes(t, got)
			acmeIs(t, got, q.kind)
		})
	}
}

// The guard is identityHeaders, and upstream_claims of the example.
func testWholeCaller(t *testing.T, c commerce) {
	t.Helper()
	ann := work(t, c, betterauth.Ann, betterauth.Acme)
	agent := ann.Agent(t, "listProducts")
	for _, q := range []struct {
		call call
		want string
	}{
		{get(apiHost, "/v1/products", agents(t, agent)), `{"orgId":"A","scopes":["storefront"],"type":"agent","userId":"` + ann.ID() + `"}`},
		{get(apiHost, "/v1/admin/stats", key(keyAdmin)), `{"orgId":"A","scopes":["admin"],"type":"api-key"}`},
		{get(apiHost, "/v1/products", session(ann.Cookie())), `{"orgId":"A","scopes":["storefront","admin"],"type":"session","userId":"` + ann.ID() + `"}`},
		{get(shop, "/v1/products"), `{"orgId":"A","scopes":["storefront"],"type":"host"}`},
	} {
		got := c.ask(t, api, q.call)
		callerIs(t, got, q.want)
		if user := got.upstream("x-authz-user"); strings.Contains(q.want, "userId") != (user == ann.ID()) {
			t.Errorf("%s: the upstream saw user %q", q.want, user)
		}
	}
}

// The guard is the example's origins.
func testOrigin(t *testing.T, c commerce) {
	t.Helper()
	ann := work(t, c, betterauth.Ann, betterauth.Acme)
	from := func(origin string) reply {
		headers := []field{session(ann.Cookie())}
		if origin != "" {
			headers = append(headers, field{"origin", origin})
		}
		return c.ask(t, api, post(apiHost, "/v1/admin/products", headers...))
	}
	for _, origin := range []string{"", "https://dashboard.prood.test"} {
		is(t, from(origin), "session", betterauth.Acme, "storefront admin", ann.ID())
	}
	refused(t, from("https://evil"), 403, forbidden)
}

// Records cost a key nothing: the eleventh use is one too many where Better Auth
// counts. The guard is that Sallyport never asks it to verify.
func testQuota(t *testing.T, c commerce) {
	t.Helper()
	made := c.auth.SignIn(t, betterauth.Ann).CreateKey(t, says("storefront"), 0)
	for range 50 {
		is(t, c.ask(t, api, get(apiHost, "/v1/products", key(made.Secret))), "api-key", betterauth.Acme, "storefront", "")
	}
	for range 10 {
		if code := c.auth.Verify(t, made.Secret); code != "" {
			t.Fatalf("Better Auth says %s, want its whole quota left", code)
		}
	}
	if code := c.auth.Verify(t, made.Secret); code != "RATE_LIMITED" {
		t.Errorf("Better Auth says %q of the eleventh use, want RATE_LIMITED", code)
	}
}

// The guard is the route's accept: it names the shared secret alone.
func testWebhook(t *testing.T, c commerce) {
	t.Helper()
	bob := work(t, c, betterauth.Bob, betterauth.Bolt)
	hook := func(query string, headers ...field) reply {
		return c.ask(t, api, post(apiHost, "/v1/webhooks/payments/stripe"+query, headers...))
	}
	shown := field{"x-checkout-secret", c.secret(t, "checkout.secret")}
	is(t, hook("?org=A", shown, session(bob.Cookie()), key(keyStorefront)), "webhook", betterauth.Acme, "", "")
	refused(t, hook("?org=A", session(bob.Cookie()), key(keyAdmin)), 401, unauthorized)
	refused(t, hook("?org=C", shown), 403, forbidden)
}

// until asks until the answer is of that status.
func (c commerce) until(t *testing.T, status int, q call) reply {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got := c.ask(t, api, q)
		if got.status == status || time.Now().After(limit) {
			return got
		}
	}
}

// Nothing is open but what is declared to be. The guard is the block's accept.
func testCatalogue(t *testing.T, c commerce) {
	t.Helper()
	all := append(operations(t, "storefront"), operations(t, "admin")...)
	covers(t, all, operation{"GET", "/v1/products"}, operation{"GET", "/v1/admin/stats"})
	for _, o := range all {
		refused(t, c.ask(t, api, o.call(nobodys)), 401, unauthorized)
	}
	for _, o := range operations(t, "storefront") {
		is(t, c.ask(t, api, o.call(nobodys, key(keyStorefront))), "api-key", betterauth.Acme, "storefront", "")
	}
	paid := post(nobodys, "/v1/webhooks/payments/stripe?org=A", field{"x-checkout-secret", c.secret(t, "checkout.secret")})
	for _, open := range []call{
		get(nobodys, "/v1/health"), get(nobodys, "/v1/openapi.json"), paid,
		get(nobodys, "/.well-known/agent-configuration"), get(nobodys, "/api/auth/get-session"),
	} {
		if got := c.ask(t, api, open); got.status != 200 {
			t.Errorf("%s: got %d %s, want 200", open.path, got.status, got.body)
		}
	}
}

// The guard is the example's denials: each status has a rule.
func testDenials(t *testing.T, c commerce) {
	t.Helper()
	ann, carl := c.auth.SignIn(t, betterauth.Ann), c.auth.SignUp(t, "Carl")
	agent := agents(t, ann.Agent(t, "listProducts"))
	passes(t, c.ask(t, api, get(apiHost, "/v1/products", agent)))
	for _, q := range []call{
		get(nobodys, "/v1/products"), get(shop, "/v1/admin/stats"), get(shop, "/v1/products;v=1"), get(shop, "/nowhere"),
		get(apiHost, "/v1/products", key("pk_bad")), get(apiHost, "/v1/products", agent), get(nobodys, "/v1/orders", session(carl.Cookie())),
		get(apiHost, "/v1/products", agents(t, c.auth.Register(t, "listProducts"))), get(apiHost, "/v1/products", key(ann.CreateKey(t, nil, 0).Secret)),
		post("bolt.prood.app", "/v1/carts"), post(apiHost, "/v1/admin/products", session(carl.Cookie()), field{"origin", "https://evil"}),
	} {
		got := c.ask(t, api, q)
		isJSON(t, got)
		var body struct {
			Error, Code string
			Status      int
		}
		strict := json.NewDecoder(strings.NewReader(got.body))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&body); err != nil || body.Error == "" || body.Code == "" || body.Status != got.status || got.status < 400 {
			t.Errorf("%s %s: got %d %s, %v", q.host, q.path, got.status, got.body, err)
		}
	}
}
