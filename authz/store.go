package authz

import (
	"context"
	"errors"
	"time"
)

// Errors of a store. Any other one means that it could not tell: then nothing is
// known of whether a change was made.
var (
	// ErrNotFound: there is none, and that is certain.
	ErrNotFound = errors.New("not found")
	// ErrExists: a name, a reference or a number of tokens is taken.
	ErrExists = errors.New("exists already")
	// ErrInvalid: the mutation is none that a store could make.
	ErrInvalid = errors.New("invalid change")
)

// TokenStore is what deciding needs of tokens. Its error is ErrNotFound or "could
// not tell", as that of every lookup: what no store could hold is not found, and a
// context that has ended is "could not tell". A token that is found may have ended:
// ask Token.Active. What any method was given or gives shares nothing with the store.
type TokenStore interface {
	Token(ctx context.Context, ref TokenRef) (Token, error)
}

// PrincipalStore is what deciding needs of principals.
type PrincipalStore interface {
	Principal(ctx context.Context, kind PrincipalKind, name string) (Principal, error)
}

// TenantStore is what deciding needs of organizations.
type TenantStore interface {
	Member(ctx context.Context, organization, subject string) (Membership, error)
	Domain(ctx context.Context, name string) (Domain, error)
}

// Applier makes changes. Each is one transaction with its row of the feed and its
// entry of the audit, and is durable when Apply returns without an error. ErrNotFound,
// ErrExists and ErrInvalid say that nothing was changed.
type Applier interface {
	Apply(ctx context.Context, act Act, change Mutation) (Applied, error)
}

// Feeder tells what was changed, in order.
type Feeder interface {
	// Feed gives the changes after a sequence number, oldest first, at most `most`,
	// which is 1 to MostRows, else ErrInvalid. Fewer are all there are.
	Feed(ctx context.Context, after uint64, most int) ([]Change, error)
	// Audit gives the entries after a sequence number likewise.
	Audit(ctx context.Context, after uint64, most int) ([]AuditEntry, error)
}

// VerifierStore tells of what still proves secrets.
type VerifierStore interface {
	// Verifiers gives each the verifiers of all principals who have one, and of all
	// tokens that were neither revoked nor have expired, in no order. An error of
	// each's ends it, and is given back.
	Verifiers(ctx context.Context, each func(verifier string) error) error
}

// UseStore keeps when tokens were last used. It is no change: it stands in no feed.
type UseStore interface {
	// Used notes uses by token id. An earlier one than is known, or of a token that
	// nobody knows, is left out, and the others are noted.
	Used(ctx context.Context, last map[string]time.Time) error
}
