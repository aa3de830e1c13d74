package authz

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// UpstreamClaims are what x-authz-claims says instead of a caller's own claims: parts of
// the caller, under names that the upstream knows. The zero value is the caller's own.
type UpstreamClaims struct{ parts map[string]string }

// callerParts are the parts of a caller that can be named, but for its scopes, which
// are a list.
func callerParts(caller Caller, tenant string) map[string]string {
	return map[string]string{
		"subject": caller.Subject, "kind": caller.Kind, "tenant": tenant, "role": caller.Role,
		"user": caller.User, "token_id": caller.TokenID,
	}
}

const scopesPart = "scopes"

// CallerParts are the words for the parts that UpstreamClaims may name.
func CallerParts() []string {
	parts := append(slices.Collect(maps.Keys(callerParts(Caller{}, ""))), scopesPart)
	slices.Sort(parts)
	return parts
}

// NewUpstreamClaims takes the part of each member, by the member's name.
func NewUpstreamClaims(parts map[string]string) (UpstreamClaims, error) {
	for name, part := range parts {
		switch {
		case name == "":
			return UpstreamClaims{}, errors.New("a member without a name")
		case !slices.Contains(CallerParts(), part):
			return UpstreamClaims{}, fmt.Errorf("%s: %q is no part of a caller, which are %s", name, part, strings.Join(CallerParts(), ", "))
		}
	}
	return UpstreamClaims{maps.Clone(parts)}, nil
}

// of leaves out what is empty, but for the scopes: who has none has an empty list.
func (u UpstreamClaims) of(caller Caller, tenant string) map[string]any {
	if len(u.parts) == 0 {
		return caller.Claims
	}
	known, told := callerParts(caller, tenant), map[string]any{}
	for name, part := range u.parts {
		switch {
		case part == scopesPart:
			told[name] = append([]string{}, caller.Scopes...)
		case known[part] != "":
			told[name] = known[part]
		}
	}
	return told
}
