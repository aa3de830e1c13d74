package betterauth_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

const (
	cookieSecret = "0123456789abcdef0123456789abcdef"
	recordSecret = "fedcba9876543210fedcba9876543210"
)

func start(t *testing.T) *betterauth.Server {
	t.Helper()
	secrets := t.TempDir()
	for name, secret := range map[string]string{betterauth.CookieSecret: cookieSecret, betterauth.RecordSecret: recordSecret} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return betterauth.Start(t, secrets)
}

// One server for all: what it takes time for is to start.
func TestBetterAuth(t *testing.T) {
	s := start(t)
	t.Run("accepts", func(t *testing.T) { testAccepted(t, s) })
	t.Run("uses up", func(t *testing.T) { testUsedUp(t, s) })
	t.Run("agents", func(t *testing.T) { testAgentTokens(t, s) })
	t.Run("records", func(t *testing.T) { testRecords(t, s) })
	t.Run("door", func(t *testing.T) { testDoor(t, s) })
}

// Better Auth takes what Prood's documentation calls the tenant from whoever says
// it. test/system shows that Sallyport does not.
func testAccepted(t *testing.T, s *betterauth.Server) {
	t.Helper()
	ann, eve := s.SignIn(t, betterauth.Ann), s.SignUp(t, "Eve")

	t.Run("a key with a victim's organization", func(t *testing.T) {
		key := eve.CreateKey(t, map[string]any{"organizationId": betterauth.Acme, "scopes": []string{"admin"}}, 0)
		if record := recordOf(t, s, "key", digest(key.Secret)); record["tenant"] != betterauth.Acme || record["user"] != eve.ID() {
			t.Errorf("the key's record is %v, want Acme's organization and Eve", record)
		}
		if code := s.Verify(t, key.Secret); code != "" {
			t.Errorf("Better Auth says %s of the key", code)
		}
	})
	t.Run("an agent with a victim's organization", func(t *testing.T) {
		agent := eve.Agent(t, "adminCreateProduct")
		eve.Describe(t, agent, map[string]string{"organizationId": betterauth.Acme})
		session, err := s.AgentSession(t, agent.JWT(t, betterauth.Edit{}))
		grants := session.Agent.CapabilityGrants
		if err != nil || session.Agent.Metadata["organizationId"] != betterauth.Acme || len(grants) != 1 || grants[0].Status != "active" {
			t.Errorf("got %+v, %v, want Acme's organization and one active grant", session.Agent, err)
		}
	})
	t.Run("a former member whose session stays", func(t *testing.T) {
		var refusal betterauth.RefusedError
		if err := eve.SetActive(t.Context(), betterauth.Acme); !errors.As(err, &refusal) || refusal.Status != http.StatusForbidden {
			t.Errorf("active without a membership: %v, want 403", err)
		}
		ann.Invite(t, betterauth.Acme, eve, "member")
		if err := eve.SetActive(t.Context(), betterauth.Acme); err != nil {
			t.Fatal(err)
		}
		ann.Remove(t, betterauth.Acme, eve)
		if session := eve.Session(t); session.ActiveOrganizationID != betterauth.Acme {
			t.Errorf("the session is active on %q, want still Acme", session.ActiveOrganizationID)
		}
	})
}

// Why Sallyport asks for records, and neither verifies nor introspects: both use
// something up.
func testUsedUp(t *testing.T, s *betterauth.Server) {
	t.Helper()
	ann := s.SignIn(t, betterauth.Ann)

	t.Run("ten uses of a key a day", func(t *testing.T) {
		key := ann.CreateKey(t, nil, 0)
		for n := range 11 {
			want := ""
			if n == 10 {
				want = "RATE_LIMITED"
			}
			if code := s.Verify(t, key.Secret); code != want {
				t.Errorf("use %d: Better Auth says %q, want %q", n+1, code, want)
			}
		}
	})
	t.Run("the one use of an agent's JWT", func(t *testing.T) {
		token := ann.Agent(t, "listProducts").JWT(t, betterauth.Edit{})
		if _, err := s.AgentSession(t, token); err != nil {
			t.Fatal(err)
		}
		var refusal betterauth.RefusedError
		if _, err := s.AgentSession(t, token); !errors.As(err, &refusal) || refusal.Status != http.StatusUnauthorized {
			t.Errorf("got %v, want 401", err)
		}
	})
}
