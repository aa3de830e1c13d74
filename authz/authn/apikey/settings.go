package apikey

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport-authz/sallyport/authz"
)

// Settings are one configured list of keys.
type Settings struct {
	// Header is the name of the header in any case; "" is DefaultHeader.
	Header string
	// Prefix, unless "", is what every key of this authenticator begins with.
	Prefix string
	Keys   []Key
}

// Key is one key by its digest.
type Key struct {
	// ID names the key where the key itself must not stand.
	ID     string
	Digest [32]byte
	// Caller is whom the key stands for. Its TokenID becomes the ID, and so does
	// its Subject where there is none. Expires ends the key.
	Caller   authz.Caller
	Disabled bool
}

// header gives the name in lower case. Refused are names that are no field
// names, pseudo headers among them, and those that carry something else.
func (s Settings) header() (string, error) {
	name := strings.ToLower(s.Header)
	switch {
	case name == "":
		name = DefaultHeader
	case !authz.IsHeaderName(name):
		return "", fmt.Errorf("header %q is no field name (RFC 9110 section 5.1)", s.Header)
	case !authz.MayCarry(name):
		return "", fmt.Errorf("header %q cannot carry a key", s.Header)
	}
	if !visible(s.Prefix) || strings.ContainsAny(s.Prefix, ",!") || len(s.Prefix) >= longest {
		return "", fmt.Errorf("prefix %q holds what no key holds: white space, a comma, \"!\" or letters beyond ASCII", s.Prefix)
	}
	return name, nil
}

// index settles the keys by their digests. The callers are copies, so that
// nobody can change what many requests share.
func index(keys []Key) (map[[32]byte]Key, error) {
	if len(keys) == 0 {
		return nil, errors.New("there are no keys")
	}
	ids := make(map[string]bool, len(keys))
	indexed := make(map[[32]byte]Key, len(keys))
	for i, key := range keys {
		if err := key.check(); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		if ids[key.ID] {
			return nil, fmt.Errorf("key %d: id %q stands twice", i+1, key.ID)
		}
		if other, twice := indexed[key.Digest]; twice {
			return nil, fmt.Errorf("key %d: %q has the digest of %q", i+1, key.ID, other.ID)
		}
		ids[key.ID] = true
		indexed[key.Digest] = key.settled()
	}
	return indexed, nil
}

// check refuses what could not be told to an upstream in a header, or is the
// digest of nothing.
func (k Key) check() error {
	c := k.Caller
	switch {
	case k.ID == "" || !visible(k.ID):
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
		if scope == "" || !visible(scope) {
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
