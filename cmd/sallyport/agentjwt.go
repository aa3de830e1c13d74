package main

import (
	"context"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
	"github.com/sallyport-authz/sallyport/authz/records"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// mostUsed is how many used tokens of agents one process remembers: each for a minute
// or so. All of them take about 40 MB.
const mostUsed = 1 << 18

// agentRecords tells kind agentjwt what a source has of an agent.
type agentRecords struct{ *records.Source }

// Agent implements agentjwt.Agents.
func (r agentRecords) Agent(ctx context.Context, id string) (agentjwt.Record, authz.Basis, error) {
	agent, basis, err := r.Source.Agent(ctx, id)
	if err != nil {
		return agentjwt.Record{}, basis, err //nolint:wrapcheck // it says what was asked for
	}
	record := agentjwt.Record{
		ID: agent.ID, User: agent.User, Status: agent.Status, Expires: agent.Expires, Tenant: agent.Tenant,
		HostID: agent.HostID, HostThumbprint: agent.HostThumbprint, Key: agent.PublicKey,
	}
	for _, grant := range agent.Grants {
		record.Grants = append(record.Grants, agentjwt.Grant(grant))
	}
	return record, basis, nil
}

// agentJWT compiles an authenticator of agents.
func (c *compiler) agentJWT(at document.Cursor, message *configv1.AgentJwt) (kind, bool) {
	before := len(c.Problems)
	settings := agentjwt.Settings{
		Header: message.GetHeader(), Memory: c.process.used, Audiences: message.GetAudiences(), Scopes: c.capabilityScopes(at.Field("scopes"), message.GetScopes()),
		MaxAge:   c.span(at.Field("max_age"), message.GetMaxAge(), span{time.Second, agentjwt.MostAge, agentjwt.MostAge}),
		Skew:     c.span(at.Field("clock_skew"), message.GetClockSkew(), span{0, agentjwt.MostSkew, agentjwt.MostSkew}),
		MaxBytes: int(message.GetMaxTokenBytes()), Now: c.now,
	}
	if len(message.GetAudiences()) == 0 {
		c.Refuse(at.Field("audiences"), "no audience: tokens for any service would be taken", "the names of this service, as agents write them into aud", "add them, as in audiences: [https://api.example.com]")
	}
	source := c.recordsNamed(at.Field("records"), message.GetRecords())
	if len(c.Problems) > before || source == nil { // which was refused where it stands
		return kind{}, false
	}
	settings.Agents, settings.Standings = agentRecords{source}, source
	a, err := agentjwt.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "settings of the agents of one Better Auth", "correct what the message names")
		return kind{}, false
	}
	return kind{"agentjwt", a.Traits(), a}, true
}

func (c *compiler) capabilityScopes(at document.Cursor, messages []*configv1.CapabilityScope) []agentjwt.Mapping {
	var all []agentjwt.Mapping
	for i, message := range messages {
		here := at.Index(i)
		if message.GetCapability() == "" || message.GetScope() == "" {
			c.Refuse(here, "half of a mapping", "a capability and the scope that it gives", "write both, as in {capability: 'admin*', scope: admin}")
			continue
		}
		c.scope(here.Field("scope"), message.GetScope())
		all = append(all, agentjwt.Mapping{Capability: message.GetCapability(), Scope: message.GetScope()})
	}
	return all
}
