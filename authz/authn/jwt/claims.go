package jwt

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sallyport-authz/sallyport/authz"
)

// latest is the last time that a NumericDate may name: the end of the year 9999.
const latest = 253402300799

// claimed is what a token says once its signature holds.
type claimed struct {
	caller authz.Caller
	// until is when the finding may turn by itself; the zero time is never.
	until time.Time
}

// claims reads and judges the claims set (RFC 7519 section 4).
func (a *Authenticator) claims(payload []byte) (claimed, error) {
	members, err := object(payload)
	if err != nil {
		return claimed{}, fmt.Errorf("claims: %w", err)
	}
	s := set{members}
	if err := a.addressed(s); err != nil {
		return claimed{}, err
	}
	ends, until, err := a.lifetime(s)
	if err != nil {
		return claimed{until: until}, err
	}
	for _, name := range a.settings.Required {
		if value, there := s.lookup(name); !there || value == nil {
			return claimed{until: until}, fmt.Errorf("claim %q is required", name)
		}
	}
	caller, err := a.caller(s)
	if err != nil {
		return claimed{until: until}, err
	}
	caller.Expires = ends
	return claimed{caller: caller, until: until}, nil
}

// set is a claims set.
type set struct{ members map[string]any }

// lookup finds a claim by its whole name, or goes into objects at the dots: the
// whole name comes first, since URLs are names too.
func (s set) lookup(name string) (any, bool) {
	if value, there := s.members[name]; there {
		return value, true
	}
	first, rest, _ := strings.Cut(name, ".")
	inner, isObject := s.members[first].(map[string]any)
	if !isObject {
		return nil, false
	}
	return set{inner}.lookup(rest)
}

// addressed holds a token to its issuer and to us (RFC 7519 sections 4.1.1 and
// 4.1.3). Both are compared exactly.
func (a *Authenticator) addressed(s set) error {
	if issuer, _ := s.members["iss"].(string); issuer != a.settings.Issuer {
		return errors.New("iss is another issuer")
	}
	audiences, err := texts(s.members["aud"])
	if err != nil {
		return fmt.Errorf("aud is %w", err)
	}
	for _, audience := range audiences {
		if slices.Contains(a.settings.Audiences, audience) {
			return nil
		}
	}
	return errors.New("aud is another service")
}

// texts reads a text or a list of texts.
func texts(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case []any:
		list := make([]string, 0, len(v))
		for _, one := range v {
			text, isText := one.(string)
			if !isText {
				return nil, errors.New("an element that is no text")
			}
			list = append(list, text)
		}
		return list, nil
	default:
		return nil, errors.New("neither a text nor a list of texts")
	}
}

// lifetime gives when the token ends for us, which is exp and what clocks may
// differ by, and until when what is found now holds. exp cannot be left out.
func (a *Authenticator) lifetime(s set) (ends, until time.Time, err error) {
	now, skew := a.settings.Now(), a.settings.Skew
	expires, there, err := s.date("exp")
	if err != nil || !there {
		return time.Time{}, time.Time{}, errors.New("exp is missing, or no whole number of seconds")
	}
	ends = expires.Add(skew)
	if !now.Before(ends) {
		return time.Time{}, time.Time{}, errors.New("expired")
	}
	for _, name := range []string{"nbf", "iat"} {
		begins, there, err := s.date(name)
		if err != nil {
			return time.Time{}, time.Time{}, fmt.Errorf("%s is no whole number of seconds", name)
		}
		if begins = begins.Add(-skew); there && now.Before(begins) {
			return time.Time{}, begins, fmt.Errorf("%s is to come", name)
		}
	}
	return ends, ends, nil
}

// date reads a NumericDate. RFC 7519 allows fractions and any size; whole seconds
// up to the year 9999 are what issuers write, and all that is read.
func (s set) date(name string) (time.Time, bool, error) {
	value, there := s.members[name]
	if !there {
		return time.Time{}, false, nil
	}
	number, _ := value.(json.Number) // else "", which is no number either
	seconds, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || seconds < 0 || seconds > latest {
		return time.Time{}, true, errors.New("no whole number of seconds")
	}
	return time.Unix(seconds, 0), true, nil
}

// caller makes the caller. What could not be told to an upstream in a header is
// refused here, where it is the token's fault, and not later, where it is ours.
func (a *Authenticator) caller(s set) (authz.Caller, error) {
	names := a.settings.Claims
	c := authz.Caller{}
	for _, part := range []struct {
		into *string
		name string
	}{
		{&c.Subject, names.Subject},
		{&c.Tenant, names.Tenant},
		{&c.Role, names.Role},
		{&c.User, names.User},
		{&c.TokenID, names.TokenID},
	} {
		text, err := s.text(part.name)
		if err != nil {
			return authz.Caller{}, err
		}
		*part.into = text
	}
	if c.Subject == "" {
		return authz.Caller{}, fmt.Errorf("claim %q is missing: nobody calls", names.Subject)
	}
	scopes, err := s.scopes(names.Scopes)
	if err != nil {
		return authz.Caller{}, err
	}
	c.Scopes = scopes
	for _, name := range names.Pass {
		if value, there := s.lookup(name); there {
			if c.Claims == nil {
				c.Claims = map[string]any{}
			}
			c.Claims[name] = value
		}
	}
	return c, nil
}

// longestText bounds one claim that stands in a header.
const longestText = 1024

// text reads a claim that may be missing; "" is no claim at all.
func (s set) text(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	value, there := s.lookup(name)
	if !there {
		return "", nil
	}
	text, isText := value.(string)
	if !isText || len(text) > longestText || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
		return "", fmt.Errorf("claim %q is no text of at most %d bytes that a header can hold", name, longestText)
	}
	return text, nil
}

// scopes reads a text with spaces (RFC 9068 section 2.2.3) or a list of texts.
func (s set) scopes(name string) ([]string, error) {
	value, there := s.lookup(name)
	if !there {
		return nil, nil
	}
	list, err := texts(value)
	if err != nil {
		return nil, fmt.Errorf("claim %q is %w", name, err)
	}
	if _, isText := value.(string); isText {
		list = strings.FieldsFunc(list[0], func(r rune) bool { return r == ' ' })
	}
	for _, scope := range list {
		if !isScope(scope) {
			return nil, fmt.Errorf("claim %q holds what is no scope token", name)
		}
	}
	return list, nil
}

// isScope is scope-token of RFC 6749 section 3.3.
func isScope(scope string) bool {
	return scope != "" && !strings.ContainsFunc(scope, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '\\'
	})
}
