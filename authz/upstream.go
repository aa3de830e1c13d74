package authz

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// longestClaims bounds x-authz-claims: Envoy limits all headers to 60 KiB.
const longestClaims = 8 << 10

// identityHeaders are the headers that tell an upstream who calls, in a fixed
// order. An empty value means that the header is removed.
func identityHeaders(route *Route, caller Caller, tenant string) ([]Header, error) {
	claims, err := encodeClaims(route.UpstreamClaims.of(caller, tenant))
	if err != nil {
		return nil, err
	}
	scopes, err := encodeScopes(caller.Scopes)
	if err != nil {
		return nil, err
	}
	return []Header{
		{"x-authz-subject", caller.Subject},
		{"x-authz-kind", caller.Kind},
		{"x-authz-tenant", tenant},
		{"x-authz-role", caller.Role},
		{"x-authz-scopes", scopes},
		{"x-authz-user", caller.User},
		{"x-authz-token-id", caller.TokenID},
		{"x-authz-claims", claims},
	}, nil
}

func encodeClaims(claims map[string]any) (string, error) {
	if len(claims) == 0 {
		return "", nil
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	encoded := base64.RawURLEncoding.EncodeToString(text)
	if len(encoded) > longestClaims {
		return "", errors.New("encode claims: larger than 8 KiB")
	}
	return encoded, nil
}

// encodeScopes refuses a scope that its reader would take for two, or for none:
// a scope token holds no space and is not empty (RFC 6749 section 3.3).
func encodeScopes(scopes []string) (string, error) {
	for _, scope := range scopes {
		if scope == "" || strings.ContainsAny(scope, " \t") {
			return "", fmt.Errorf("encode scopes: %q is no scope token", scope)
		}
	}
	return joinScopes(scopes), nil
}

// changes collects what happens to the request on its way upstream. A name is
// set or removed, never both: Envoy removes after it sets.
type changes struct {
	set    []Header
	remove []string
}

// UpstreamReads are what upstream looks at of a request on the route.
func UpstreamReads(route *Route) Reads {
	if route.ForwardCredential {
		return Reads{FieldIdentity}
	}
	return Reads{FieldIdentity, FieldCookies}
}

// IsIdentity reports a header in which upstreams read who the caller is.
func IsIdentity(name string) bool { return strings.HasPrefix(name, identityPrefix) }

// upstream says how the request changes: identity headers set or removed, every
// other x-authz-* of the client removed, carriers removed, our cookies cut.
func (s *Snapshot) upstream(attributes *Attributes, route *Route, caller Caller, tenant string) (changes, error) {
	identity, err := identityHeaders(route, caller, tenant)
	if err != nil {
		return changes{}, err
	}
	var c changes
	for _, h := range identity {
		if err := c.add(h); err != nil {
			return changes{}, err
		}
	}
	if attributes.Request == nil {
		return c, nil
	}
	for _, h := range attributes.Request.Headers.List {
		if !strings.HasPrefix(h.Name, identityPrefix) {
			continue
		}
		if !IsHeaderName(h.Name) {
			return changes{}, fmt.Errorf("%w: header name %q", ErrAmbiguous, h.Name)
		}
		c.drop(h.Name)
	}
	if route.ForwardCredential {
		return c, nil
	}
	return c, s.strip(attributes.Request.Headers, &c)
}

// strip removes every carrier of every configured authenticator, whoever won.
// Other cookies that cannot be sent on as they came make the request ambiguous.
func (s *Snapshot) strip(headers Headers, c *changes) error {
	for _, carrier := range s.Carriers {
		if carrier.Kind == HeaderCarrier {
			c.drop(carrier.Name)
		}
	}
	rest, changed := headers.withoutCookies(s.hidden.cookies)
	switch {
	case !changed:
		return nil
	case rest == "":
		c.drop(cookieHeader)
		return nil
	}
	cookies := Header{cookieHeader, rest}
	if err := Sendable(cookies); err != nil {
		return fmt.Errorf("%w: %w", ErrAmbiguous, err)
	}
	c.set = append(c.set, cookies)
	return nil
}

// add sets an identity header. White space around a value is lost on the wire
// (RFC 9110 section 5.5), so that " admin" would arrive as another subject.
func (c *changes) add(h Header) error {
	if h.Value == "" {
		c.drop(h.Name)
		return nil
	}
	if strings.Trim(h.Value, " \t") != h.Value {
		return fmt.Errorf("header %q begins or ends with white space", h.Name)
	}
	if err := Sendable(h); err != nil {
		return err
	}
	c.set = append(c.set, h)
	return nil
}

// drop removes a name unless it is set or removed already.
func (c *changes) drop(name string) {
	if !has(c.set, name) && !slices.Contains(c.remove, name) {
		c.remove = append(c.remove, name)
	}
}

// policySet sets a policy's header, which must not take the place of one that
// says who calls, stand in for a credential or set a name twice.
func (s *Snapshot) policySet(c *changes, h Header) error {
	if slices.Contains(c.remove, h.Name) || has(c.set, h.Name) || s.carries(h.Name) {
		return fmt.Errorf("header %q is Sallyport's to set or remove", h.Name)
	}
	c.set = append(c.set, h)
	return nil
}

// carries reports whether a header is, holds or may be taken for a carrier,
// also where the route forwards credentials.
func (s *Snapshot) carries(name string) bool {
	if name == cookieHeader {
		return len(s.hidden.cookies) > 0
	}
	return slices.Contains(s.Carriers, InHeader(name)) || s.underscored(name)
}

// dropOverrides keeps a preflight, which nobody authenticated, from being
// turned into another method behind us.
func (c *changes) dropOverrides() {
	for _, name := range []string{"x-http-method-override", "x-http-method", "x-method-override"} {
		c.drop(name)
	}
}

// underscored reports a header whose name becomes one of ours when "_" is read
// as "-". A carrier's own name is exempt.
func (s *Snapshot) underscored(name string) bool {
	if !strings.Contains(name, "_") || slices.Contains(s.Carriers, InHeader(name)) {
		return false
	}
	dashed := strings.ReplaceAll(name, "_", "-")
	return strings.HasPrefix(dashed, identityPrefix) || slices.Contains(s.Carriers, InHeader(dashed))
}
