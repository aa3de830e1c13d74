package tenant

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

var (
	_ authz.TenantSource = fromCaller{}
	_ authz.TenantSource = fromNowhere{}
	_ authz.TenantSource = fromPath("")
	_ authz.TenantSource = fromQuery("")
)

// Parse reads a source as the configuration spells it: "caller", which "" also
// means, "none", "path:NAME" or "query:NAME". params are those of the route's
// path template, which NAME must be among in a path.
func Parse(text string, params []string) (authz.TenantSource, error) {
	place, name, named := strings.Cut(text, ":")
	switch {
	case text == "" || text == "caller":
		return fromCaller{}, nil
	case text == "none":
		return fromNowhere{}, nil
	case place == "path" && named:
		if !slices.Contains(params, name) {
			return nil, fmt.Errorf("tenant source %q: the path has no parameter called %q", text, name)
		}
		return fromPath(name), nil
	case place == "query" && named:
		if name == "" || authz.SecretParameter(name) {
			return nil, fmt.Errorf("tenant source %q: %q cannot name a tenant", text, name)
		}
		return fromQuery(name), nil
	default:
		return nil, fmt.Errorf("tenant source %q is unknown: write caller, none, path:NAME or query:NAME", text)
	}
}

// fromCaller takes the tenant that the caller belongs to.
type fromCaller struct{}

// Tenant implements authz.TenantSource.
func (fromCaller) Tenant(_ *authz.Attributes, _ authz.Match, caller authz.Caller) (string, error) {
	if caller.Tenant == "" {
		return "", fmt.Errorf("%w: the caller has none", authz.ErrNoTenant)
	}
	return caller.Tenant, nil
}

// Reads implements authz.TenantSource.
func (fromCaller) Reads() authz.Reads { return nil }

// fromNowhere declares that the route concerns no tenant.
type fromNowhere struct{}

// Tenant implements authz.TenantSource.
func (fromNowhere) Tenant(*authz.Attributes, authz.Match, authz.Caller) (string, error) {
	return "", nil
}

// Reads implements authz.TenantSource.
func (fromNowhere) Reads() authz.Reads { return nil }

// fromPath takes the path parameter of its name.
type fromPath string

// Tenant implements authz.TenantSource.
func (p fromPath) Tenant(_ *authz.Attributes, match authz.Match, _ authz.Caller) (string, error) {
	for _, param := range match.Params {
		if param.Name == string(p) && param.Value != "" {
			return param.Value, nil
		}
	}
	return "", fmt.Errorf("%w: path parameter %q is empty", authz.ErrNoTenant, string(p))
}

// Reads implements authz.TenantSource.
func (fromPath) Reads() authz.Reads { return authz.Reads{authz.FieldPath} }

// fromQuery takes the query parameter of its name. Two values are ambiguous even
// when they are equal: which one the upstream reads is unknown.
type fromQuery string

// Tenant implements authz.TenantSource.
func (q fromQuery) Tenant(_ *authz.Attributes, match authz.Match, _ authz.Caller) (string, error) {
	values := match.Query[string(q)]
	switch {
	case len(values) > 1:
		return "", fmt.Errorf("%w: query parameter %q stands %d times", authz.ErrAmbiguous, string(q), len(values))
	case len(values) == 0 || values[0] == "":
		return "", fmt.Errorf("%w: query parameter %q is empty", authz.ErrNoTenant, string(q))
	default:
		return values[0], nil
	}
}

// Reads implements authz.TenantSource.
func (fromQuery) Reads() authz.Reads { return authz.Reads{authz.FieldQuery} }
