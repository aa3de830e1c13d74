package authz

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// What a query may cost.
const (
	longestQuery   = 64 << 10
	mostParameters = 1000
)

// ParseQuery reads a raw query: pairs are split at "&" only, ";" is text, "+" is
// a space, names and values are decoded once, and values of one name keep their
// order (WHATWG URL standard, application/x-www-form-urlencoded). Broken escapes
// and text that is not UTF-8 are ErrAmbiguous: others skip them or guess.
func ParseQuery(raw string) (map[string][]string, error) {
	query := map[string][]string{}
	if raw == "" {
		return query, nil
	}
	if err := CheckTarget(raw); err != nil {
		return nil, err
	}
	if len(raw) > longestQuery || strings.Count(raw, "&") >= mostParameters {
		return nil, fmt.Errorf("%w: query of more than %d bytes or %d parameters",
			ErrAmbiguous, longestQuery, mostParameters)
	}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := unescapeQuery(name)
		if err != nil {
			return nil, err
		}
		if value, err = unescapeQuery(value); err != nil {
			return nil, err
		}
		query[name] = append(query[name], value)
	}
	return query, nil
}

func unescapeQuery(text string) (string, error) {
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		return "", fmt.Errorf("%w: broken escape in the query", ErrAmbiguous)
	}
	if !utf8.ValidString(decoded) {
		return "", fmt.Errorf("%w: query is not UTF-8", ErrAmbiguous)
	}
	return decoded, nil
}

// CheckTarget gives ErrAmbiguous for what has no place in a request target (RFC 9112
// section 3.2): white space, control characters, a fragment. Text beyond ASCII is let
// through where it is UTF-8, since browsers and proxies differ in whether they escape it.
func CheckTarget(raw string) error {
	for i := range len(raw) {
		if raw[i] <= ' ' || raw[i] == 0x7f || raw[i] == '#' {
			return fmt.Errorf("%w: space, control character or fragment in the request target", ErrAmbiguous)
		}
	}
	if !utf8.ValidString(raw) {
		return fmt.Errorf("%w: request target is not UTF-8", ErrAmbiguous)
	}
	return nil
}
