package claimset

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Set is a claims set: what one member, or one within another, says.
type Set map[string]any

// Lookup finds a claim by its whole name, or goes into objects at the dots: the
// whole name comes first, since URLs are names too.
func (s Set) Lookup(name string) (any, bool) {
	if value, there := s[name]; there {
		return value, true
	}
	first, rest, _ := strings.Cut(name, ".")
	inner, isObject := s[first].(map[string]any)
	if !isObject {
		return nil, false
	}
	return Set(inner).Lookup(rest)
}

// Texts reads a text or a list of texts.
func Texts(value any) ([]string, error) {
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

// latest is the last time that a NumericDate may name: the end of the year 9999.
const latest = 253402300799

// Date reads a NumericDate and tells whether there is one. RFC 7519 allows fractions
// and any size; whole seconds up to the year 9999 are what issuers write, and all
// that is read.
func (s Set) Date(name string) (time.Time, bool, error) {
	value, there := s[name]
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

// longestText bounds one claim that stands in a header.
const longestText = 1024

// Text reads a claim that may be missing; "" is no claim at all. What could not be
// told to an upstream in a header is an error here, where it is the issuer's fault.
func (s Set) Text(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	value, there := s.Lookup(name)
	if !there {
		return "", nil
	}
	text, isText := value.(string)
	if !isText || len(text) > longestText || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
		return "", fmt.Errorf("claim %q is no text of at most %d bytes that a header can hold", name, longestText)
	}
	return text, nil
}

// Scopes reads a text with spaces (RFC 6749 section 3.3) or a list of texts.
func (s Set) Scopes(name string) ([]string, error) {
	value, there := s.Lookup(name)
	if !there {
		return nil, nil
	}
	list, err := Texts(value)
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

// Only gives the claims of these names that are there; nil where none is.
func (s Set) Only(names []string) map[string]any {
	var some map[string]any
	for _, name := range names {
		value, there := s.Lookup(name)
		if !there {
			continue
		}
		if some == nil {
			some = map[string]any{}
		}
		some[name] = value
	}
	return some
}
