package betterauth_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
	"github.com/sallyport-authz/sallyport/authz/outbound"
	"github.com/sallyport-authz/sallyport/authz/records"
	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// agents tells the kind what the door has on record, as cmd/sallyport does.
type agents struct{ *records.Source }

func (a agents) Agent(ctx context.Context, id string) (agentjwt.Record, authz.Basis, error) {
	found, basis, err := a.Source.Agent(ctx, id)
	r := agentjwt.Record{
		ID: found.ID, User: found.User, Status: found.Status, Expires: found.Expires, Tenant: found.Tenant,
		HostID: found.HostID, HostThumbprint: found.HostThumbprint, Key: found.PublicKey,
	}
	for _, grant := range found.Grants {
		r.Grants = append(r.Grants, agentjwt.Grant(grant))
	}
	return r, basis, err
}

// local makes authenticators that verify agents' tokens themselves, by records that are
// asked for anew each time.
type local struct {
	endpoint string
	client   *outbound.Client
	memory   *agentjwt.Memory
}

func newLocal(t *testing.T, s *betterauth.Server) local {
	t.Helper()
	client, err := outbound.New(outbound.Settings{
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowHTTP: true, Timeout: 10 * time.Second, MaxBytes: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return local{"http://" + s.Records() + "/records", client, agentjwt.NewMemory(1000)}
}

func (l local) ask(t *testing.T, token string) (authz.Caller, error) {
	t.Helper()
	source, err := records.New(records.Settings{
		Endpoint: l.endpoint, Authorization: authz.NewSecret("Bearer " + recordSecret), Asker: l.client, Ages: records.DefaultAges(),
		Roles: map[string][]string{"owner": {"storefront", "admin"}}, Timeout: 10 * time.Second, MostCalls: 4, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := agentjwt.New(agentjwt.Settings{
		Agents: agents{source}, Standings: source, Memory: l.memory, Audiences: []string{betterauth.URL}, Skew: agentjwt.MostSkew, Now: time.Now,
		Scopes: []agentjwt.Mapping{{Capability: "admin*", Scope: "admin"}, {Capability: "*", Scope: "storefront"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	caller, _, err := a.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(token)})
	return caller, err
}

// testAgentTokens is P04 to P07 and P34 with tokens that Better Auth judges too: what we
// take it takes, after us, since nothing is used up there; what it refuses we refuse, but
// for the thumbprint that its own specification allows. We ask for an exp, and take no
// token that is bound to a request.
func testAgentTokens(t *testing.T, s *betterauth.Server) {
	t.Helper()
	ann, here := s.SignIn(t, betterauth.Ann), newLocal(t, s)
	agent := ann.Agent(t, "listProducts", "adminCreateProduct")
	claims := func(name string, value any) betterauth.Edit {
		return betterauth.Edit{Claims: map[string]any{name: value}}
	}
	now := time.Now()
	for _, row := range []struct {
		name         string
		edit         betterauth.Edit
		ours, theirs bool
	}{
		{"P34/fresh", betterauth.Edit{}, true, true},
		{"P04/iss the host's id", claims("iss", agent.HostID()), true, true},
		{"P04/iss the thumbprint", claims("iss", agent.HostThumbprint()), true, false}, // 0.6.2 asks for its own id
		{"P04/iss another", claims("iss", "other"), false, false},
		{"P04/typ JWT", betterauth.Edit{Header: map[string]any{"typ": "JWT"}}, false, false},
		{"P04/typ host+jwt", betterauth.Edit{Header: map[string]any{"typ": "host+jwt"}}, false, false},
		{"P04/iat of two minutes ago", betterauth.Edit{Claims: map[string]any{"iat": now.Add(-2 * time.Minute).Unix(), "exp": now.Add(-time.Minute).Unix()}}, false, false},
		{"P04/no jti", claims("jti", nil), false, false},
		{"P04/no exp", claims("exp", nil), false, true}, // it bounds iat alone
		{"P04/bound to a method", claims("htm", "GET"), false, true},
		{"T-C13/aud with a slash", claims("aud", betterauth.URL+"/"), false, false},
		{"T-C13/aud another service", claims("aud", "https://evil.test"), false, false},
		{"P07/narrowed", claims("capabilities", []string{"listProducts"}), true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			token := agent.JWT(t, row.edit)
			caller, err := here.ask(t, token)
			if (err == nil) != row.ours || err == nil && (caller.User != ann.ID() || caller.Tenant != betterauth.Acme || !caller.Settled) {
				t.Errorf("we give %+v, %v, want taken: %v", caller, err, row.ours)
			}
			if _, err := s.AgentSession(t, token); (err == nil) != row.theirs {
				t.Errorf("Better Auth gives %v, want taken: %v", err, row.theirs)
			}
			if _, err := here.ask(t, token); !errors.Is(err, authz.ErrRejected) {
				t.Errorf("again we give %v", err)
			}
		})
	}
	t.Run("P04/pending", func(t *testing.T) {
		if _, err := here.ask(t, s.Register(t, "listProducts").JWT(t, betterauth.Edit{})); !errors.Is(err, authz.ErrBarred) {
			t.Errorf("we give %v", err)
		}
	})
	t.Run("P06/the tenant of strangers", func(t *testing.T) {
		ann.Describe(t, agent, map[string]string{"organizationId": betterauth.Bolt})
		if _, err := here.ask(t, agent.JWT(t, betterauth.Edit{})); !errors.Is(err, authz.ErrBarred) {
			t.Errorf("we give %v", err)
		}
	})
	t.Run("P04/revoked", func(t *testing.T) {
		ann.Revoke(t, agent)
		if _, err := here.ask(t, agent.JWT(t, betterauth.Edit{})); !errors.Is(err, authz.ErrBarred) {
			t.Errorf("we give %v", err)
		}
	})
}
