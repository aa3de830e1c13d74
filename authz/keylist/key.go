package keylist

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport-authz/sallyport/authz"
)

// Key is one secret by its digest.
type Key struct {
	// ID names the secret where it must not stand itself.
	ID     string
	Digest [32]byte
	// Caller is whom the secret stands for. Its TokenID becomes the ID, and so does
	// its Subject where there is none. Expires ends the key.
	Caller   authz.Caller
	Disabled bool
}

// Known is what follows when the secret was shown: its caller, or authz.ErrRejected
// where it is disabled or has ended.
func (k Key) Known(now time.Time) (authz.Caller, authz.Basis, error) {
	switch {
	case k.Disabled:
		return authz.Caller{}, authz.Lasting(), fmt.Errorf("%w: key %q is disabled", authz.ErrRejected, k.ID)
	case !k.Caller.Expires.IsZero() && !now.Before(k.Caller.Expires):
		return authz.Caller{}, authz.Lasting(), fmt.Errorf("%w: key %q is expired", authz.ErrRejected, k.ID)
	default:
		return k.Caller, authz.Basis{Lasting: true, Until: k.Caller.Expires}, nil
	}
}

// Unknown is what follows when a secret was shown that no list holds.
func Unknown() (authz.Caller, authz.Basis, error) {
	return authz.Caller{}, authz.Lasting(), fmt.Errorf("%w: unknown key", authz.ErrRejected)
}

// check refuses what could not be told to an upstream in a header, or is the
// digest of nothing.
func (k Key) check() error {
	c := k.Caller
	switch {
	case k.ID == "" || !Visible(k.ID):
		return fmt.Errorf("id %q is empty or not of visible ASCII characters", k.ID)
	case k.Digest == [32]byte{} || k.Digest == Digest(""):
		return fmt.Errorf("%q has no digest", k.ID)
	case !slices.ContainsFunc([]string{c.Subject, c.Tenant, c.Role, c.User}, unprintable):
		return checkScopes(c.Scopes)
	default:
		return fmt.Errorf("%q has a subject, tenant, role or user that no header can hold", k.ID)
	}
}

func unprintable(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl)
}

// checkScopes keeps to RFC 6749 section 3.3, where a space separates scopes.
func checkScopes(scopes []string) error {
	for _, scope := range scopes {
		if scope == "" || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("scope %q is empty or not of visible ASCII characters", scope)
		}
	}
	return nil
}

// settled completes and copies the caller. What the flow fills in is left empty.
func (k Key) settled() Key {
	c := &k.Caller
	c.Authenticator, c.Kind, c.Downgraded = "", "", false
	c.TokenID = k.ID
	if c.Subject == "" {
		c.Subject = k.ID
	}
	c.Scopes = slices.Clone(c.Scopes)
	c.Claims = copyOfMap(c.Claims)
	return k
}

// copyOf copies what JSON can hold, all the way down.
func copyOf(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return copyOfMap(v)
	case []any:
		copied := slices.Clone(v)
		for i, member := range copied {
			copied[i] = copyOf(member)
		}
		return copied
	default:
		return value
	}
}

func copyOfMap(members map[string]any) map[string]any {
	copied := maps.Clone(members)
	for name, member := range copied {
		copied[name] = copyOf(member)
	}
	return copied
}
