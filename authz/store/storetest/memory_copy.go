package storetest

import (
	"maps"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

// The copies share nothing with what they are made of, and have nil where that is
// empty, so that equal ones are deeply equal.

func copyToken(t authz.Token) authz.Token {
	t.Grant = copyGrant(t.Grant)
	return t
}

func copyPrincipal(p authz.Principal) authz.Principal {
	p.Grant = copyGrant(p.Grant)
	return p
}

func copyMember(m authz.Membership) authz.Membership {
	m.Scopes = copyTexts(m.Scopes)
	return m
}

func copyGrant(g authz.Grant) authz.Grant {
	g.Scopes = copyTexts(g.Scopes)
	g.Networks = append(authz.Networks(nil), g.Networks...)
	g.Claims, _ = copyValue(g.Claims).(map[string]any)
	if len(g.Claims) == 0 {
		g.Claims = nil
	}
	return g
}

func copyTexts(texts []string) []string { return append([]string(nil), texts...) }

// copyValue copies a JSON value.
func copyValue(value any) any {
	switch v := value.(type) {
	case []any:
		list := slices.Clone(v)
		for i := range list {
			list[i] = copyValue(list[i])
		}
		return list
	case map[string]any:
		object := maps.Clone(v)
		for key := range object {
			object[key] = copyValue(object[key])
		}
		return object
	default:
		return value
	}
}

func copyTouched(touched []authz.Touch) []authz.Touch {
	list := slices.Clone(touched)
	for i := range list {
		list[i].Name = copyTexts(list[i].Name)
	}
	return list
}
