package authz

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// AuditEntry is the record of one change, for people. Each holds the hash of the one
// before, so that none can be taken out or changed unnoticed.
type AuditEntry struct {
	// Seq is that of the change.
	Seq uint64
	At  time.Time
	Act Act
	// Action is ActionOf the mutation.
	Action string
	// Object is what was changed, by names and ids; never a secret or a verifier. A
	// token is named by its id, a rotation by both, others by what finds them.
	Object string
	Reason string
	// Previous is the hash of the entry before, Hash that of this one: see Sealed.
	Previous, Hash string
}

// ActionOf names a kind of mutation: its type in snake case, or "" for none.
func ActionOf(change Mutation) string {
	switch change.(type) {
	case MintToken:
		return "mint_token"
	case RotateToken:
		return "rotate_token"
	case RevokeToken:
		return "revoke_token"
	case PutPrincipal:
		return "put_principal"
	case RemovePrincipal:
		return "remove_principal"
	case PutOrganization:
		return "put_organization"
	case RemoveOrganization:
		return "remove_organization"
	case PutMember:
		return "put_member"
	case RemoveMember:
		return "remove_member"
	case PutDomain:
		return "put_domain"
	case RemoveDomain:
		return "remove_domain"
	case PutServerKey:
		return "put_server_key"
	case RemoveServerKey:
		return "remove_server_key"
	case RenewVerifier:
		return "renew_verifier"
	default:
		return ""
	}
}

// Sealed gives the entry with its hashes: SHA-256 over the hash before and the
// entry's fields, each with its length in front.
func (e AuditEntry) Sealed(previous string) AuditEntry {
	e.Previous = previous
	e.At = e.At.UTC().Truncate(time.Microsecond)
	h := sha256.New()
	for _, field := range []string{
		previous, fmt.Sprint(e.Seq), e.At.Format(time.RFC3339Nano), e.Act.Actor, e.Act.Origin, e.Action, e.Object, e.Reason,
	} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(field)))
		_, _ = h.Write(length[:])
		_, _ = h.Write([]byte(field))
	}
	e.Hash = hex.EncodeToString(h.Sum(nil))
	return e
}

// CheckAudit tells whether entries follow each other, and the hash before the first
// of them: "" is the beginning.
func CheckAudit(previous string, entries []AuditEntry) error {
	for _, e := range entries {
		if e != e.Sealed(previous) {
			return fmt.Errorf("audit entry %d: %w", e.Seq, ErrBrokenChain)
		}
		previous = e.Hash
	}
	return nil
}

// ErrBrokenChain: an entry was changed, taken out or put in.
var ErrBrokenChain = errors.New("broken hash chain")
