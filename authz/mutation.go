package authz

import "time"

// Mutation is one administrative change: exactly one of the types below.
type Mutation interface{ mutation() }

// MintToken adds a token. The store chooses ID and Created; Ref must be new, and
// where Most is above zero, Owner and Tenant together have fewer active tokens with
// the prefix than that.
type MintToken struct {
	Token Token
	Most  int
}

// RotateToken adds the token that follows another one, with the other's owner,
// grant and name, and lets the old one end after Overlap, unless it ends before.
type RotateToken struct {
	ID        string
	Successor Token
	Overlap   time.Duration
}

// RevokeToken ends one token for ever. It is found by ID, or where that is "" by Ref.
// One that is revoked already stays as it was, and that is no error.
type RevokeToken struct {
	ID     string
	Ref    TokenRef
	Reason string
}

// PutPrincipal adds a principal, or changes the one with this kind and name. The
// store chooses ID. Login cannot change.
type PutPrincipal struct{ Principal Principal }

// RemovePrincipal removes a principal with all memberships of their subject and
// revokes all their tokens.
type RemovePrincipal struct {
	Kind   PrincipalKind
	Name   string
	Reason string
}

// PutOrganization adds an organization or renames it.
type PutOrganization struct{ Organization Organization }

// RemoveOrganization removes an organization with its memberships and domains, and
// revokes the tokens of its tenant.
type RemoveOrganization struct{ ID, Reason string }

// PutMember adds a membership or changes it.
type PutMember struct{ Membership Membership }

// RemoveMember ends a membership.
type RemoveMember struct{ Organization, Subject string }

// PutDomain adds a domain or changes it. A verified name is nobody else's before it
// is removed.
type PutDomain struct{ Domain Domain }

// RemoveDomain removes a domain.
type RemoveDomain struct{ Name string }

// PutServerKey records a key under which verifiers were made, by an id and by what
// tells the right key from a wrong one. It never changes.
type PutServerKey struct{ ServerKey ServerKey }

func (MintToken) mutation()          {}
func (RotateToken) mutation()        {}
func (RevokeToken) mutation()        {}
func (PutPrincipal) mutation()       {}
func (RemovePrincipal) mutation()    {}
func (PutOrganization) mutation()    {}
func (RemoveOrganization) mutation() {}
func (PutMember) mutation()          {}
func (RemoveMember) mutation()       {}
func (PutDomain) mutation()          {}
func (RemoveDomain) mutation()       {}
func (PutServerKey) mutation()       {}

// ServerKey is what a store holds of a server key: nothing that verifies a token.
type ServerKey struct {
	ID    string
	Check string
}

// Act is who changes something, and from where.
type Act struct {
	// Actor is a principal's name, or the operating system's user at the CLI.
	Actor string
	// Origin is the door: "cli", "offline" or "admin".
	Origin string
}

// Applied is what became of a mutation.
type Applied struct {
	// Seq is the feed's number of the change. It is 0 where nothing was to do.
	Seq uint64
	// Token is the one that was minted or revoked, else the zero Token.
	Token Token
	// Principal is the one that was put or removed, else the zero Principal.
	Principal Principal
	// Touched is what the change may turn, old names and new.
	Touched []Touch
}
