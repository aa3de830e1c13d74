package authz

import (
	"slices"
	"strings"
)

// longEnough is a secret that no answer holds by chance.
const longEnough = 16

// Shows reports whether a caller shows a secret to whoever sees the caller: there are
// issuers whose jti is the token itself, and others that repeat the request.
func (c Caller) Shows(secret string) bool {
	says := func(text string) bool {
		return text == secret || len(secret) >= longEnough && strings.Contains(text, secret)
	}
	return slices.ContainsFunc([]string{c.Subject, c.Tenant, c.Role, c.User, c.TokenID}, says) ||
		slices.ContainsFunc(c.Scopes, says) || holds(c.Claims, says)
}

func holds(value any, says func(string) bool) bool {
	switch v := value.(type) {
	case string:
		return says(v)
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return holds(one, says) })
	case map[string]any:
		for name, one := range v {
			if says(name) || holds(one, says) {
				return true
			}
		}
		return false
	default:
		return false
	}
}
