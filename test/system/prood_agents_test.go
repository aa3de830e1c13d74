package system_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// commerce is the Prood example with a real Better Auth beside it.
type commerce struct {
	*world
	auth *betterauth.Server
}

func beginCommerce(t *testing.T) commerce {
	t.Helper()
	config := configure(t, prood)
	auth := betterauth.Start(t, filepath.Dir(config))
	return commerce{beginBeside(t, config, prood+"/envoy.yaml", auth.Places()), auth}
}

// One Better Auth and one Envoy for all rows.
func TestProodBetterAuth(t *testing.T) {
	c := beginCommerce(t)
	t.Run("P35", func(t *testing.T) { testDiscovery(t, c) })
	t.Run("P36", func(t *testing.T) { testRegistration(t, c) })
}

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
