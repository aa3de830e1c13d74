package apikey

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// Record is what another system has of a key.
type Record struct {
	// ID names the key where it must not stand itself; User is its owner.
	ID, User string
	Enabled  bool
	// Expires is the zero time where it does not end.
	Expires time.Time
	// Tenant is what the key says that it is for, or "". It is a claim: in Better Auth
	// whoever makes a key writes it.
	Tenant string
	// Scopes count where Scoped; otherwise nobody ever gave the key any.
	Scopes []string
	Scoped bool
}

// Records knows keys by the SHA-256 of the whole key, in base64url without padding. Its
// error is authz.ErrNotFound, beside the Basis of that, or "could not tell".
type Records interface {
	Key(ctx context.Context, digest string) (Record, authz.Basis, error)
}

// Standings knows who somebody is in an organization. Its error is authz.ErrNotMember,
// beside the Basis of that, or "could not tell".
type Standings interface {
	Standing(ctx context.Context, user, organization string) (authz.Standing, authz.Basis, error)
}

// RecordedSettings are the keys of another system.
type RecordedSettings struct {
	// Header and Prefix are as in Settings.
	Header, Prefix string
	Records        Records
	Standings      Standings
	// Scopes are those of keys that were never given any.
	Scopes []string
	Now    func() time.Time
}

// Recorded knows callers by the keys of another system. What a key says of its tenant
// and its scopes is a claim: its owner must be a member there now, and has no scope by
// the key that the membership may not be granted.
type Recorded struct {
	shown
	settings RecordedSettings
}

var _ authz.Authenticator = (*Recorded)(nil)

// NewRecorded makes a Recorded, or says what is wrong with the settings.
func NewRecorded(s RecordedSettings) (*Recorded, error) {
	shown, err := Settings{Header: s.Header, Prefix: s.Prefix}.shown()
	switch {
	case err != nil:
		return nil, err
	case s.Records == nil || s.Standings == nil || s.Now == nil:
		return nil, errors.New("records, standings and a clock are needed")
	}
	s.Scopes = slices.Clone(s.Scopes)
	return &Recorded{shown, s}, nil
}

// Authenticate implements authz.Authenticator. A key that names no tenant, or one where
// its owner is no member, is good and good for nothing.
func (r *Recorded) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	digest := keylist.Digest(credential.Value.Reveal())
	key, basis, err := r.settings.Records.Key(ctx, base64.RawURLEncoding.EncodeToString(digest[:]))
	switch {
	case errors.Is(err, authz.ErrNotFound):
		return authz.Caller{}, basis, fmt.Errorf("%w: unknown key", authz.ErrRejected)
	case err != nil:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("look up a key: %w", err)
	case !key.Enabled:
		return authz.Caller{}, basis, fmt.Errorf("%w: key %q is disabled", authz.ErrRejected, key.ID)
	case !key.Expires.IsZero() && !r.settings.Now().Before(key.Expires):
		return authz.Caller{}, basis, fmt.Errorf("%w: key %q is expired", authz.ErrRejected, key.ID)
	case key.Tenant == "":
		return authz.Caller{}, basis, fmt.Errorf("%w: key %q names no tenant", authz.Detailed(authz.ErrBarred, "no_tenant"), key.ID)
	}
	standing, member, err := r.settings.Standings.Standing(ctx, key.User, key.Tenant)
	switch {
	case errors.Is(err, authz.ErrNotMember):
		return authz.Caller{}, basis.And(member), fmt.Errorf("%w: key %q: %w", authz.Detailed(authz.ErrBarred, "no_member"), key.ID, err)
	case err != nil:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("look up the owner of a key: %w", err)
	case standing.Tenant != key.Tenant:
		return authz.Caller{}, authz.Basis{}, errors.New("a standing in another organization than was asked for")
	}
	return r.caller(key, standing), basis.And(member), nil
}

// caller has the key's name for a subject: who owns it does not call by it.
func (r *Recorded) caller(key Record, standing authz.Standing) authz.Caller {
	scopes := r.settings.Scopes
	if key.Scoped {
		scopes = key.Scopes
	}
	return authz.Caller{
		Subject: key.ID, TokenID: key.ID, Tenant: standing.Tenant, Settled: true, Role: standing.Role,
		Scopes: standing.Within(scopes), Expires: key.Expires,
	}
}
