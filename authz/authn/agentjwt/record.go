package agentjwt

import (
	"context"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Record is an agent as it is registered.
type Record struct {
	ID string
	// User is who approved the agent: it acts for them.
	User string
	// Status is "active" for agents that may call.
	Status string
	// Expires is the zero time where the registration does not end.
	Expires time.Time
	// Tenant is the one that the agent was set up for, or "". It is a claim.
	Tenant string
	// HostID and HostThumbprint (RFC 7638, SHA-256) are of who runs the agent; "" is
	// none.
	HostID, HostThumbprint string
	// Key is a public JSON Web Key, as claimset.Read gives it.
	Key    map[string]any
	Grants []Grant
}

// Grant is one capability that was asked for.
type Grant struct {
	Capability string
	// Status is "active" for grants that count.
	Status string
	// Expires is the zero time where it does not end.
	Expires time.Time
	// Constrained tells of limits on the arguments.
	Constrained bool
}

// active is the word of agents and of grants.
const active = "active"

// Agents looks agents up. It is safe for parallel use.
type Agents interface {
	// Agent gives a record that is never changed. authz.ErrNotFound: there is certainly
	// none; any other error means that nobody can tell.
	Agent(ctx context.Context, id string) (Record, authz.Basis, error)
}

// Standings tell of what a user is a member. They are safe for parallel use.
type Standings interface {
	// Standing gives the membership in the claimed tenant or, where none is claimed, the
	// earliest one. authz.ErrNotMember: there is certainly none; any other error means
	// that nobody can tell.
	Standing(ctx context.Context, user, claimed string) (authz.Standing, authz.Basis, error)
}
