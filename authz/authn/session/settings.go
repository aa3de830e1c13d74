package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Record is what is known of one session.
type Record struct {
	// ID is the session's own name, which is no secret; User is whose it is.
	ID, User string
	// Expires is when it ends. There is no session without an end.
	Expires time.Time
	// Tenant is the organization that the session says it is in, or "".
	Tenant string
}

// Sessions knows sessions by their tokens. Its error is authz.ErrNotFound, beside the
// Basis of that, or "could not tell".
type Sessions interface {
	Session(ctx context.Context, token string) (Record, authz.Basis, error)
}

// Standings knows what somebody is in an organization. Its error is authz.ErrNotMember,
// beside the Basis of that, or "could not tell".
type Standings interface {
	Standing(ctx context.Context, user, organization string) (authz.Standing, authz.Basis, error)
}

// Owner knows whose a host is: it takes Credential.Name and gives a caller with that
// tenant, authz.ErrAbsent, or "could not tell", as kind host does.
type Owner interface {
	Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error)
}

// ShortestSecret is what Better Auth itself asks for, in bytes.
const ShortestSecret = 32

// publicSecret is what Better Auth signs with where it was given no secret: everybody
// knows it.
const publicSecret = "better-auth-secret-12345678901234567890" //nolint:gosec // public, and refused

// DefaultCookies are the names under which Better Auth sends its cookie: the second one
// where it is reached over HTTPS.
func DefaultCookies() []string {
	return []string{"better-auth.session_token", "__Secure-better-auth.session_token"}
}

// Signed are the settings of Better Auth's signed cookies.
type Signed struct {
	// Cookies are the names, at least one.
	Cookies []string
	// Secrets are those that cookies may be signed with: the service's own, and during
	// a change the last one.
	Secrets   []authz.Secret
	Sessions  Sessions
	Standings Standings
	// Guests, unless nil, are those who are no member of the organization that they are
	// in, or in none.
	Guests *Guests
	Now    func() time.Time
}

// Guests are callers of the tenant whose host they ask, with these scopes.
type Guests struct {
	Owner  Owner
	Scopes []string
}

// NewSigned makes an Authenticator of Better Auth's cookies, or says what is wrong with
// the settings.
func NewSigned(s Signed) (*Authenticator, error) {
	switch {
	case s.Sessions == nil || s.Standings == nil || s.Now == nil:
		return nil, errors.New("sessions, standings and a clock are required")
	case s.Guests != nil && s.Guests.Owner == nil:
		return nil, errors.New("nobody knows at whose host guests are")
	}
	if err := checkSecrets(s.Secrets); err != nil {
		return nil, err
	}
	s.Secrets = slices.Clone(s.Secrets)
	if s.Guests == nil {
		return newAuthenticator(s.Cookies, nil, signed{s})
	}
	s.Guests = &Guests{s.Guests.Owner, slices.Clone(s.Guests.Scopes)}
	return newAuthenticator(s.Cookies, authz.Reads{authz.FieldHost}, signed{s})
}

// checkSecrets refuses what somebody may guess: whoever has a cookie can try secrets in
// their own time.
func checkSecrets(secrets []authz.Secret) error {
	if len(secrets) == 0 {
		return errors.New("no secret: no cookie could be verified")
	}
	for i, secret := range secrets {
		if err := CheckSecret(secret); err != nil {
			return fmt.Errorf("secret %d: %w", i+1, err)
		}
	}
	return nil
}

// CheckSecret says what is wrong with a secret that cookies are to be signed with, and
// nothing that it holds.
func CheckSecret(secret authz.Secret) error {
	switch text := secret.Reveal(); {
	case len(text) < ShortestSecret:
		return fmt.Errorf("it has %d bytes: %d is the least", len(text), ShortestSecret)
	case text == publicSecret:
		return errors.New("it is the one that Better Auth has where it was given none: everybody knows it")
	default:
		return nil
	}
}

// carriers are the cookies' names as carriers, each once.
func carriers(names []string) ([]authz.Carrier, error) {
	if len(names) == 0 {
		return nil, errors.New("no cookie: nobody could present a session")
	}
	var all []authz.Carrier
	for _, name := range names {
		switch carrier := authz.InCookie(name); {
		case !authz.IsCookieName(name):
			return nil, fmt.Errorf("cookie %q has no cookie's name (RFC 6265 section 4.1.1)", name)
		case slices.Contains(all, carrier):
			return nil, fmt.Errorf("cookie %q stands twice", name)
		default:
			all = append(all, carrier)
		}
	}
	return all, nil
}
