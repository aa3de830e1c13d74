package betterauth

import "testing"

// Agent is a program that acts for a person once they have approved it. It was
// registered by a host of its own, the program that runs it.
type Agent struct {
	self     signer
	host     signer
	id       string
	hostID   string
	userCode string
}

// Register asks for an agent with these capabilities, each by its name, or with
// constraints. It is pending until somebody approves it.
func (s *Server) Register(t *testing.T, capabilities ...any) *Agent {
	t.Helper()
	a := &Agent{self: newSigner(t), host: newSigner(t)}
	token := a.host.sign(t, "host+jwt", map[string]any{
		"iss": a.host.thumbprint(), "host_public_key": a.host.jwk(), "agent_public_key": a.self.jwk(),
	}, Edit{})
	var answer struct {
		AgentID  string `json:"agent_id"`
		HostID   string `json:"host_id"`
		Status   string
		Approval struct {
			UserCode string `json:"user_code"`
		}
	}
	body := map[string]any{"name": "agent", "host_name": "test", "mode": "delegated", "capabilities": capabilities}
	check(t, s.ask(t.Context(), question{path: "/agent/register", bearer: token, body: body}, &answer))
	if answer.Status != "pending" || answer.Approval.UserCode == "" {
		t.Fatalf("the agent is %q, want pending with a code for its user", answer.Status)
	}
	a.id, a.hostID, a.userCode = answer.AgentID, answer.HostID, answer.Approval.UserCode
	return a
}

// ID is the agent's, HostID its host's.
func (a *Agent) ID() string { return a.id }

// HostID is described at ID.
func (a *Agent) HostID() string { return a.hostID }

// HostThumbprint is that of the host's key (RFC 7638), PublicKey the agent's own key
// as a JWK.
func (a *Agent) HostThumbprint() string { return a.host.thumbprint() }

// PublicKey is described at HostThumbprint.
func (a *Agent) PublicKey() map[string]any { return a.self.jwk() }

// JWT signs one that can be used once, within a minute.
func (a *Agent) JWT(t *testing.T, e Edit) string {
	t.Helper()
	return a.self.sign(t, "agent+jwt", map[string]any{"sub": a.id}, e)
}

// Approve lets the agent act for the person, by the code that it shows, with all
// capabilities that it asked for.
func (p *Person) Approve(t *testing.T, a *Agent) {
	t.Helper()
	var answer struct{ Status string }
	p.do(t, "/agent/approve-capability", map[string]string{"agent_id": a.id, "user_code": a.userCode, "action": "approve"}, &answer)
	if answer.Status != "approved" {
		t.Fatalf("the agent is %q, want approved", answer.Status)
	}
}

// Agent is one that was registered and that the person has approved.
func (p *Person) Agent(t *testing.T, capabilities ...any) *Agent {
	t.Helper()
	a := p.server.Register(t, capabilities...)
	p.Approve(t, a)
	return a
}

// Describe gives one of the person's agents whatever metadata the person likes.
func (p *Person) Describe(t *testing.T, a *Agent, metadata map[string]string) {
	t.Helper()
	p.do(t, "/agent/update", map[string]any{"agent_id": a.id, "metadata": metadata}, nil)
}

// Revoke ends one of the person's agents.
func (p *Person) Revoke(t *testing.T, a *Agent) {
	t.Helper()
	p.do(t, "/agent/revoke", map[string]string{"agent_id": a.id}, nil)
}

// RevokeCapability takes one capability from one of the person's agents.
func (p *Person) RevokeCapability(t *testing.T, a *Agent, capability string) {
	t.Helper()
	p.do(t, "/agent/revoke-capability", map[string]any{"agent_id": a.id, "capabilities": []string{capability}}, nil)
}

// AgentSession is what Better Auth says of an agent that shows a JWT.
type AgentSession struct {
	UserID string `json:"userId"`
	Agent  struct {
		CapabilityGrants []struct{ Capability, Status string }
		Metadata         map[string]any
	}
}

// AgentSession asks Better Auth who shows this JWT, which is used up by that.
func (s *Server) AgentSession(t *testing.T, token string) (AgentSession, error) {
	t.Helper()
	var answer AgentSession
	err := s.ask(t.Context(), question{path: "/agent/session", bearer: token}, &answer)
	return answer, err
}
