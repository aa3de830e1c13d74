package agentjwt

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

// claimCapabilities names the capabilities in Caller.Claims.
const claimCapabilities = "capabilities"

// revoked is the one status that is told of an agent whose key is gone.
const (
	revoked      = "revoked"
	agentRevoked = "agent_revoked"
)

// caller says who the agent is and what it may do, once it is known that it signed.
func (a *Authenticator) caller(ctx context.Context, record Record, c claims) (authz.Caller, error) {
	if why := a.barred(record); why != "" {
		return authz.Caller{}, bar(why)
	}
	capabilities := a.granted(record, c)
	if len(capabilities) == 0 {
		return authz.Caller{}, bar("no_active_grants")
	}
	standing, settled, err := a.standing(ctx, record)
	if err != nil {
		return authz.Caller{}, err
	}
	told := make([]any, len(capabilities))
	for i, capability := range capabilities {
		told[i] = capability
	}
	return authz.Caller{
		Subject: record.ID, User: record.User, TokenID: c.id, Expires: c.ends,
		Tenant: standing.Tenant, Role: standing.Role, Settled: settled,
		Scopes: standing.Within(a.scopes(capabilities)), Claims: map[string]any{claimCapabilities: told},
	}, nil
}

func bar(why string) error {
	return authz.Detailed(fmt.Errorf("%w: %s", authz.ErrBarred, why), why)
}

// barred says in a word why an agent may not call, or "".
func (a *Authenticator) barred(record Record) string {
	switch {
	case record.Status == revoked:
		return agentRevoked
	case slices.Contains([]string{"pending", "expired", "rejected", "claimed"}, record.Status):
		return "agent_" + record.Status
	case record.Status != active:
		return "agent_inactive"
	case !record.Expires.IsZero() && !a.settings.Now().Before(record.Expires):
		return "agent_expired"
	default:
		return ""
	}
}

// granted are the capabilities that count, each once: granted now, and asked for by the
// token where it asks.
func (a *Authenticator) granted(record Record, c claims) []string {
	now := a.settings.Now()
	var granted []string
	for _, g := range record.Grants {
		counts := g.Status == active && !g.Constrained && (g.Expires.IsZero() || now.Before(g.Expires))
		asked := !c.narrowed || slices.Contains(c.capabilities, g.Capability)
		if counts && asked && g.Capability != "" && !slices.Contains(granted, g.Capability) {
			granted = append(granted, g.Capability)
		}
	}
	return granted
}

// scopes are what capabilities give, each once.
func (a *Authenticator) scopes(capabilities []string) []string {
	var scopes []string
	for _, capability := range capabilities {
		if scope := a.scope(capability); scope != "" && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// scope is what one capability gives; "" is nothing.
func (a *Authenticator) scope(capability string) string {
	if len(a.settings.Scopes) == 0 {
		return capability
	}
	for _, m := range a.settings.Scopes {
		if m.fits(capability) {
			return m.Scope
		}
	}
	return ""
}

// standing is what the agent's user is here, and whether that was found: who belongs
// nowhere has no tenant, who does not belong where the agent was set up for may not call.
func (a *Authenticator) standing(ctx context.Context, record Record) (authz.Standing, bool, error) {
	standing, err := authz.Standing{}, authz.ErrNotMember // an agent that nobody owns
	if record.User != "" {
		standing, _, err = a.settings.Standings.Standing(ctx, record.User, record.Tenant)
	}
	switch {
	case errors.Is(err, authz.ErrNotMember) && record.Tenant != "":
		return authz.Standing{}, false, bar("no_member")
	case errors.Is(err, authz.ErrNotMember):
		return authz.Standing{}, false, nil
	case err != nil:
		return authz.Standing{}, false, fmt.Errorf("look up the user's standing: %w", err)
	case standing.Tenant == "" || record.Tenant != "" && standing.Tenant != record.Tenant:
		return authz.Standing{}, false, errors.New("look up the user's standing: it is in another tenant")
	default:
		return standing, true, nil
	}
}
