package authz

import "time"

// Mutation is one administrative change: exactly one of the types below, and no
// pointer to one. What CheckMutation refuses is ErrInvalid. A removal, a revocation
// and a rotation of what is not there are ErrNotFound, and so are an owner and an
// organization that a change names and nobody knows. Putting what is there already
// is no change: Applied.Seq is 0, and neither feed nor audit tells of it.
type Mutation interface{ mutation() }

// MintToken adds a token. The store chooses ID and Created; LastUsed, Revoked, Reason
// and Disabled are zero as well, and Expires is later than now. Ref must be new, and
// where Most is above zero, Owner and Tenant together have fewer tokens with the
// prefix than that which were neither revoked nor have expired: else ErrExists. A
// disabled owner's count like others, or disabling one would make room. An Owner for
// whom Principal.MayOwnTokens is false is ErrInvalid; since neither a login nor a
// token's owner ever changes, no other change gives them one.
type MintToken struct {
	Token Token
	Most  int
}

// RotateToken adds the token that follows another one, with the other's owner,
// grant and name, and lets the old one end after Overlap, unless it ends before.
// Successor has Ref, Verifier and Expires, and nothing else. One that was revoked or
// has expired is followed by none: ErrInvalid.
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
// store chooses ID: it is "" here, or the one that the principal has, so that a change
// that was read from somebody removed since does not make them anew. Another ID is
// ErrInvalid, and so is another Login than the principal has.
type PutPrincipal struct{ Principal Principal }

// RemovePrincipal removes a principal with all memberships of their subject and
// revokes all their tokens.
type RemovePrincipal struct {
	Kind   PrincipalKind
	Name   string
	Reason string
}

// RenewVerifier puts another verifier of the same secret in the place of one, so that
// nothing turns and nothing is touched. Where the holder's is neither the old one nor
// the new one, the secret has changed since, or the holder is gone: ErrNotFound.
type RenewVerifier struct {
	Holder   Holder
	Old, New string
}

// PutOrganization adds an organization or renames it.
type PutOrganization struct{ Organization Organization }

// RemoveOrganization removes an organization with its memberships and domains, and
// revokes the tokens of its tenant.
type RemoveOrganization struct{ ID, Reason string }

// PutMember adds a membership or changes it. The organization must be there; of the
// subject nothing is known, since issuers elsewhere name them too.
type PutMember struct{ Membership Membership }

// RemoveMember ends a membership.
type RemoveMember struct{ Organization, Subject string }

// PutDomain adds a domain or changes it. A verified name is nobody else's before it
// is removed or no longer verified: ErrExists. Another one goes to whoever asks last.
type PutDomain struct{ Domain Domain }

// RemoveDomain removes a domain.
type RemoveDomain struct{ Name string }

// PutServerKey records a key under which verifiers were made, by an id and by what
// tells the right key from a wrong one. It never changes: another Check is ErrExists.
type PutServerKey struct{ ServerKey ServerKey }

// RemoveServerKey forgets a server key under which nothing is that may still be used:
// whoever asks for it has made sure, since a store reads nothing in verifiers.
type RemoveServerKey struct{ ID string }

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
func (RemoveServerKey) mutation()    {}
func (RenewVerifier) mutation()      {}

// ServerKey is what a store holds of a server key: nothing that verifies a token.
type ServerKey struct {
	ID    string
	Check string
}

// Act is who changes something, and from where.
type Act struct {
	// Actor is a principal's name, or the operating system's user at the CLI.
	Actor string
	// Origin is the door: "cli", "offline" or "admin", or "serve" for what the process
	// does by itself.
	Origin string
}

// Applied is what became of a mutation.
type Applied struct {
	// Seq is the feed's number of the change. It is 0 where nothing was to do.
	Seq uint64
	// Token is the one that was minted (of a rotation the successor) or revoked, as
	// it is afterwards, also where nothing was to do; else the zero Token.
	Token Token
	// Principal is the one that was put or removed likewise, else the zero Principal.
	Principal Principal
	// Touched is what the change may turn, old names and new: what Change.Touched
	// says. It is empty where nothing was to do, and where nothing turns.
	Touched []Touch
}
