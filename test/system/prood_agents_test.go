package system_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// The guards are the example's route for the document, and Envoy's.
func testDiscovery(t *testing.T, c commerce) {
	t.Helper()
	const path = "/.well-known/agent-configuration"
	got := c.ask(t, api, get(apiHost, path))
	var document struct {
		Version    string
		Issuer     string
		Algorithms []string
		Endpoints  map[string]string
	}
	if err := json.Unmarshal([]byte(got.body), &document); err != nil || got.status != http.StatusOK {
		t.Fatalf("got %d %s, %v", got.status, got.body, err)
	}
	isJSON(t, got)
	if cached := got.header.Get("Cache-Control"); cached != "public, max-age=3600" {
		t.Errorf("cache-control = %q", cached)
	}
	if document.Version != "1.0-draft" || document.Issuer != betterauth.URL+"/api/auth" || len(document.Algorithms) != 1 ||
		document.Algorithms[0] != "Ed25519" || document.Endpoints["register"] != betterauth.URL+"/api/auth/agent/register" {
		t.Errorf("the document is %s", got.body)
	}
	if got := c.ask(t, api, post(apiHost, path)); got.status != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", got.status)
	}
}

// People and agents do all that they do at Better Auth through Envoy. The guard is
// forward_credential on the example's route: without it nobody has a session there.
func testRegistration(t *testing.T, c commerce) {
	t.Helper()
	auth := c.auth.Through(c.envoy.Address(api))
	ann := auth.SignIn(t, betterauth.Ann)
	agent := ann.Agent(t, "listProducts")
	session, err := auth.AgentSession(t, agent.JWT(t, betterauth.Edit{}))
	if err != nil || session.UserID != ann.ID() || len(session.Agent.CapabilityGrants) != 1 {
		t.Errorf("got %+v, %v, want Ann's agent with one grant", session, err)
	}
	if got := c.ask(t, api, get(apiHost, "/api/auth/get-session")); got.body != "null" {
		t.Errorf("nobody's session is %d %s, want null", got.status, got.body)
	}
}

// asAgent asks with a JWT of the agent's, edited.
func (c commerce) asAgent(t *testing.T, path string, a *betterauth.Agent, e betterauth.Edit) reply {
	t.Helper()
	return c.ask(t, api, get(apiHost, path, bearer(a.JWT(t, e))))
}

// claim is a JWT with another value of one claim; nil takes it out.
func claim(name string, value any) betterauth.Edit {
	return betterauth.Edit{Claims: map[string]any{name: value}}
}

func header(name string, value any) betterauth.Edit {
	return betterauth.Edit{Header: map[string]any{name: value}}
}

// The guards are those of agentjwt.Authenticator, one by one.
func testAgentJWT(t *testing.T, c commerce) {
	t.Helper()
	ann := c.auth.SignIn(t, betterauth.Ann)
	agent := ann.Agent(t, "listProducts")
	ago := time.Now().Add(-120 * time.Second).Unix()
	for name, e := range map[string]betterauth.Edit{
		"fresh": {}, "the host's id": claim("iss", agent.HostID()), "the host's thumbprint": claim("iss", agent.HostThumbprint()),
		"the base URL": claim("aud", betterauth.URL+"/api/auth"), "one of several": claim("aud", []string{"https://other.test", betterauth.URL}),
	} {
		t.Run(name, func(t *testing.T) {
			is(t, c.asAgent(t, "/v1/products", agent, e), "agent", betterauth.Acme, "storefront", ann.ID())
		})
	}
	for name, e := range map[string]betterauth.Edit{
		"signed long ago": {Claims: map[string]any{"iat": ago, "exp": ago + 60}}, "signed long ago, for long": claim("iat", ago),
		"another type": header("typ", "JWT"), "a host's": header("typ", "host+jwt"), "no type": header("typ", nil),
		"no jti": claim("jti", nil), "no exp": claim("exp", nil), "no iat": claim("iat", nil), "another host": claim("iss", "somebody"),
		"another service": claim("aud", "https://other.test"), "a path of this one": claim("aud", betterauth.URL+"/v1/products"), "no aud": claim("aud", nil),
		"an agent of nobody's": claim("sub", "nobody"), "another agent": claim("sub", ann.Agent(t, "listProducts").ID()),
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.asAgent(t, "/v1/products", agent, e), 401, unauthorized) })
	}
	t.Run("replay", func(t *testing.T) {
		again := get(apiHost, "/v1/products", agents(t, agent))
		passes(t, c.ask(t, api, again))
		refused(t, c.ask(t, api, again), 401, replayed)
	})
	t.Run("pending", func(t *testing.T) {
		refused(t, c.asAgent(t, "/v1/products", c.auth.Register(t, "listProducts"), betterauth.Edit{}), 403, denied("agent_pending"))
	})
	t.Run("revoked", func(t *testing.T) {
		revoked := ann.Agent(t, "listProducts")
		ann.Revoke(t, revoked)
		refused(t, c.asAgent(t, "/v1/products", revoked, betterauth.Edit{}), 403, denied("agent_revoked"))
	})
}

// member belongs to both shops, to Acme for longer.
func (c commerce) member(t *testing.T) *betterauth.Person {
	t.Helper()
	ann, bob, dora := c.auth.SignIn(t, betterauth.Ann), c.auth.SignIn(t, betterauth.Bob), c.auth.SignUp(t, "Dora")
	ann.Invite(t, betterauth.Acme, dora, "member")
	bob.Invite(t, betterauth.Bolt, dora, "member")
	return dora
}

// The guard is that the metadata name the tenant before the memberships do.
func testAgentMetadata(t *testing.T, c commerce) {
	t.Helper()
	dora := c.member(t)
	said := dora.Agent(t, "listProducts")
	dora.Describe(t, said, map[string]string{"organizationId": betterauth.Bolt})
	is(t, c.asAgent(t, "/v1/products", said, betterauth.Edit{}), "agent", betterauth.Bolt, "storefront", dora.ID())
}

// Without metadata it is the earliest membership of the agent's user; the guard of that
// is records.Source.Standing.
//
// Hole 2 of the requirements' 1.2 is closed: what metadata say is a claim. The guard is
// the standing of the agent's user.
func testAgentTenant(t *testing.T, c commerce) {
	t.Helper()
	dora := c.member(t)
	silent := dora.Agent(t, "listProducts")
	for range 100 {
		is(t, c.asAgent(t, "/v1/products", silent, betterauth.Edit{}), "agent", betterauth.Acme, "storefront", dora.ID())
	}
	eve := c.auth.SignUp(t, "Evelyn")
	evil := eve.Agent(t, "adminCreateProduct", "listProducts")
	refused(t, c.asAgent(t, "/v1/products", evil, betterauth.Edit{}), 403, denied(boundAgent))
	other := eve.Agent(t, "adminCreateProduct", "listProducts")
	eve.Describe(t, other, map[string]string{"organizationId": betterauth.Acme})
	for _, path := range []string{"/v1/products", "/v1/admin/stats"} {
		refused(t, c.asAgent(t, path, other, betterauth.Edit{}), 403, denied("no_member"))
	}
}

// The guards are the example's mapping of capabilities, and agentjwt's granted.
func testGrants(t *testing.T, c commerce) {
	t.Helper()
	ann := c.auth.SignIn(t, betterauth.Ann)
	bound := map[string]any{"name": "adminListOrders", "constraints": map[string]any{"status": map[string]any{"eq": "open"}}}
	both := ann.Agent(t, "listProducts", "adminCreateProduct")
	for _, q := range []struct {
		name   string
		agent  *betterauth.Agent
		edit   betterauth.Edit
		scopes string
	}{
		{"to the storefront", ann.Agent(t, "listProducts"), betterauth.Edit{}, "storefront"},
		{"to the administration", ann.Agent(t, "adminCreateProduct"), betterauth.Edit{}, "admin"},
		{"to both", both, betterauth.Edit{}, "storefront admin"},
		{"narrowed by the JWT", both, claim("capabilities", []string{"listProducts"}), "storefront"},
		{"with constraints", ann.Agent(t, "listProducts", bound), betterauth.Edit{}, "storefront"},
	} {
		t.Run(q.name, func(t *testing.T) {
			for path, scope := range map[string]string{"/v1/products": "storefront", "/v1/admin/stats": "admin"} {
				if got := c.asAgent(t, path, q.agent, q.edit); strings.Contains(q.scopes, scope) {
					is(t, got, "agent", betterauth.Acme, q.scopes, ann.ID())
				} else {
					refused(t, got, 403, forbidden)
				}
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		none := ann.Agent(t, "listProducts")
		ann.RevokeCapability(t, none, "listProducts")
		refused(t, c.asAgent(t, "/v1/products", none, betterauth.Edit{}), 403, denied("Agent has no active capability grants"))
		refused(t, c.asAgent(t, "/v1/products", both, claim("capabilities", []string{"placeOrder"})), 403, denied("Agent has no active capability grants"))
	})
}

// The origin has not seen the JWT that passed here: it is verified without being used
// up. The guard is that Sallyport asks for records, and never introspects.
func testVerifiedLocally(t *testing.T, c commerce) {
	t.Helper()
	ann := c.auth.SignIn(t, betterauth.Ann)
	token := ann.Agent(t, "listProducts").JWT(t, betterauth.Edit{})
	is(t, c.ask(t, api, get(apiHost, "/v1/products", bearer(token))), "agent", betterauth.Acme, "storefront", ann.ID())
	if session, err := c.auth.AgentSession(t, token); err != nil || session.UserID != ann.ID() {
		t.Errorf("Better Auth says %+v, %v, want Ann's agent", session, err)
	}
}

// The guards are Attributes.Carried, and the rule for a header that stands twice.
func testScheme(t *testing.T, c commerce) {
	t.Helper()
	agent := c.auth.SignIn(t, betterauth.Ann).Agent(t, "listProducts")
	show := func(values ...string) reply {
		var headers []field
		for _, value := range values {
			headers = append(headers, field{"authorization", value})
		}
		return c.ask(t, api, get(apiHost, "/v1/products", headers...))
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER "} {
		passes(t, show(scheme+agent.JWT(t, betterauth.Edit{})))
	}
	token := agent.JWT(t, betterauth.Edit{})
	refused(t, show("Bearer  "+token), 401, unauthorized)
	refused(t, show("Bearer "+token, "Bearer "+token), 400, badRequest)
}

// Whatever the header says, the key is one of Ed25519. The guard is that the record's
// key decides.
func testAlgorithms(t *testing.T, c commerce) {
	t.Helper()
	agent := c.auth.SignIn(t, betterauth.Ann).Agent(t, "listProducts")
	for _, algorithm := range []string{"none", "HS256", "ES256", "RS256", "eddsa", ""} {
		token := agent.JWT(t, header("alg", algorithm))
		text := token[:strings.LastIndexByte(token, '.')]
		public, err := base64.RawURLEncoding.DecodeString(agent.PublicKey()["x"].(string))
		must(t, err)
		mac := hmac.New(sha256.New, public)
		mac.Write([]byte(text))
		for name, signature := range map[string]string{"signed": "", "by the public key": base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), "unsigned": "-"} {
			t.Run(algorithm+" "+name, func(t *testing.T) {
				shown := token
				if signature != "" {
					shown = text + "." + strings.TrimPrefix(signature, "-")
				}
				refused(t, c.ask(t, api, get(apiHost, "/v1/products", bearer(shown))), 401, unauthorized)
			})
		}
	}
}

// Scopes are enough until the operator says strict; then each operation asks for its own
// capability. The guard is the example's policy.
func testStrict(t *testing.T, c commerce) {
	t.Helper()
	ann := c.auth.SignIn(t, betterauth.Ann)
	agent := ann.Agent(t, "listProducts")
	cart := func() reply {
		return c.ask(t, api, post(apiHost, "/v1/carts", agents(t, agent)))
	}
	is(t, cart(), "agent", betterauth.Acme, "storefront", ann.ID())
	data := filepath.Join(filepath.Dir(c.sallyport.Config()), "policies", "data.yaml")
	change(t, data, "strict: false", "strict: true")
	got := cart()
	for limit := time.Now().Add(20 * time.Second); got.status == http.StatusOK && time.Now().Before(limit); got = cart() {
		time.Sleep(50 * time.Millisecond)
	}
	refused(t, got, 403, denied("capability_not_granted"))
	is(t, c.asAgent(t, "/v1/products", agent, betterauth.Edit{}), "agent", betterauth.Acme, "storefront", ann.ID())
	is(t, c.ask(t, api, post(shop, "/v1/carts")), "host", betterauth.Acme, "storefront", "")
}
