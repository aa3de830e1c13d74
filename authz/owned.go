package authz

import "strings"

// owned copies the texts of a verdict that may be cut from a request's: a tenant of
// one letter would keep a path of 60 kB alive, and nobody would have counted it.
// Texts of the snapshot stay shared.
func owned(v Verdict) Verdict {
	v.Headers, v.Upstream = ownedHeaders(v.Headers), ownedHeaders(v.Upstream)
	v.Body = strings.Clone(v.Body)
	v.Metadata, _ = ownedValue(v.Metadata).(map[string]any)
	v.Trail.Tenant = strings.Clone(v.Trail.Tenant)
	v.Trail.Rule, v.Trail.Message = strings.Clone(v.Trail.Rule), strings.Clone(v.Trail.Message)
	v.Trail.Caller = ownedCaller(v.Trail.Caller)
	return v
}

func ownedHeaders(all []Header) []Header {
	if all == nil {
		return nil
	}
	copied := make([]Header, len(all))
	for i, h := range all {
		copied[i] = Header{Name: strings.Clone(h.Name), Value: strings.Clone(h.Value)}
	}
	return copied
}

func ownedCaller(c Caller) Caller {
	for _, text := range []*string{&c.Subject, &c.Tenant, &c.Role, &c.User, &c.TokenID} {
		*text = strings.Clone(*text)
	}
	return c
}

// ownedValue copies a JSON value.
func ownedValue(value any) any {
	switch v := value.(type) {
	case string:
		return strings.Clone(v)
	case []any:
		copied := make([]any, len(v))
		for i, member := range v {
			copied[i] = ownedValue(member)
		}
		return copied
	case map[string]any:
		if v == nil {
			return v
		}
		copied := make(map[string]any, len(v))
		for name, member := range v {
			copied[strings.Clone(name)] = ownedValue(member)
		}
		return copied
	default:
		return value
	}
}
