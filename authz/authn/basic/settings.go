package basic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// DefaultRealm is what a client's own dialog shows where the settings name nothing.
const DefaultRealm = "restricted"

// Settings say whose passwords are taken.
type Settings struct {
	// Kinds are the kinds of principals, in the order in which a name is theirs.
	Kinds []authz.PrincipalKind
	// Realm stands in the challenge; "" is DefaultRealm.
	Realm string
	// FormEncoded says that name and password are form-urlencoded, as clients of OAuth
	// encode theirs (RFC 6749 section 2.3.1).
	FormEncoded bool

	Store    authz.PrincipalStore
	Verifier Verifier
}

// Verifier tells whether a secret is the one of which a verifier was made. An attempt
// without a verifier costs as much as another one and fails. An error is
// authz.ErrThrottled or means that nobody can tell.
type Verifier interface {
	Verify(ctx context.Context, attempt authz.Attempt) (authz.Proof, error)
}

func (s Settings) settled() (Settings, error) {
	if s.Realm == "" {
		s.Realm = DefaultRealm
	}
	switch {
	case s.Store == nil || s.Verifier == nil:
		return Settings{}, errors.New("store and verifier are required")
	case len(s.Kinds) == 0:
		return Settings{}, errors.New("there are no kinds of principals")
	case strings.ContainsFunc(s.Realm, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }):
		return Settings{}, fmt.Errorf("realm %q holds a quote, a backslash, or what is not printable ASCII", s.Realm)
	}
	for i, kind := range s.Kinds {
		if !known(kind) || slices.Contains(s.Kinds[:i], kind) {
			return Settings{}, fmt.Errorf("kind %q is unknown or stands twice", kind)
		}
	}
	s.Kinds = slices.Clone(s.Kinds)
	return s, nil
}

func known(kind authz.PrincipalKind) bool {
	return slices.Contains([]authz.PrincipalKind{authz.Administrator, authz.User, authz.Machine, authz.Client}, kind)
}
