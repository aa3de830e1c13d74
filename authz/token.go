package authz

import "time"

// Token is a token that a store knows: everything but its secret.
type Token struct {
	// ID never changes and is never used again. A store chooses it.
	ID string
	// Ref is what the token shows of itself. No two tokens have equal ones, ended
	// ones included.
	Ref TokenRef
	// Verifier is how a secret is proven. A store keeps it and reads nothing in it.
	Verifier string
	// Name is what people call the token.
	Name string
	// Owner is the id of the principal whose token it is; "" is a token that
	// stands for itself. An owner who is disabled disables their tokens.
	Owner string
	// Grant is who calls with it, but for the token's id and expiry.
	Grant
	// Times are kept to the microsecond, cut and not rounded, and given in UTC.
	Created time.Time
	// Expires and LastUsed are the zero time where they are never and not yet.
	Expires  time.Time
	LastUsed time.Time
	// Revoked is when the token was revoked, or the zero time, and Reason why.
	Revoked time.Time
	Reason  string
	// Disabled is told of a token whose owner is disabled or gone, and OwnerNetworks of
	// one whose owner may come from some networks only: both lists bound the token.
	Disabled      bool
	OwnerNetworks Networks
}

// TokenRef is what of a token may be seen: its prefix, as in "mbz_", and the part by
// which it is looked up, which is its public id or, where the form has none, the
// SHA-256 of the whole token in lower-case hex. Both are compared byte by byte.
type TokenRef struct{ Prefix, Lookup string }

// Grant is what a credential makes of its bearer. Subject is never "". Scopes keep
// their order. Claims are what encoding/json decodes into an any: nil, bool, float64,
// string, []any and map[string]any. Networks keep their order; none is everywhere. None
// and empty are the same, of all three.
type Grant struct {
	Subject string
	Tenant  string
	Role    string
	User    string
	Scopes  []string
	Claims  map[string]any
	// Networks are those from which the credential may be used.
	Networks Networks
}

// Caller is who calls with a grant.
func (g Grant) Caller() Caller {
	return Caller{
		Subject: g.Subject, Tenant: g.Tenant, Role: g.Role, User: g.User, Scopes: g.Scopes, Claims: g.Claims, Networks: g.Networks,
	}
}

// Active reports a token that may be used at a time. Its default is that it may not.
func (t Token) Active(at time.Time) bool {
	return t.ID != "" && !t.Disabled && t.Revoked.IsZero() && (t.Expires.IsZero() || at.Before(t.Expires))
}
