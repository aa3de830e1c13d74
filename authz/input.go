package authz

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Redacted stands in for a credential in a query, in input and in the decision log.
const Redacted = "REDACTED"

// SecretParameter reports a query parameter that clients put credentials in. They
// never authenticate anybody.
func SecretParameter(name string) bool {
	for _, secret := range []string{"token", "access_token", "accessToken", "api_key", "clientSecret", "password"} {
		if strings.EqualFold(name, secret) {
			return true
		}
	}
	return false
}

// WholeInput is everything of a request that a policy can see. What it sees
// beside that (caller, route, tenant) is found by stages with Reads of their own.
func WholeInput() Reads {
	return Reads{
		FieldMethod, FieldPath, FieldHost, FieldScheme, FieldSecure, FieldQuery, FieldHeaders, FieldBody,
		FieldClient, FieldPeerAddress, FieldPeerPrincipal, FieldSNI, FieldExtensions, FieldMetadata, FieldRouteMetadata,
	}
}

// Hidden knows which headers and cookies no policy may see.
type Hidden struct {
	headers map[string]bool
	cookies map[string]bool
}

// NewHidden hides the carriers, and what is always hidden.
func NewHidden(carriers []Carrier) Hidden {
	h := Hidden{headers: map[string]bool{}, cookies: map[string]bool{}}
	for _, name := range []string{
		"authorization", "proxy-authorization", "dpop", "x-csrf-token",
		"x-request-id", "traceparent", "tracestate", "baggage", "b3",
	} {
		h.headers[name] = true
	}
	for _, c := range carriers {
		if c.Kind == CookieCarrier {
			h.cookies[c.Name] = true
		} else {
			h.headers[c.Name] = true
		}
	}
	return h
}

// Header reports whether the header is a credential, changes with every
// request, or is one that only we may set.
func (h Hidden) Header(name string) bool {
	return h.headers[name] || strings.HasPrefix(name, "x-b3-") ||
		strings.HasPrefix(name, "x-envoy-") || strings.HasPrefix(name, identityPrefix)
}

// AnyCookie reports whether a cookie is hidden at all.
func (h Hidden) AnyCookie() bool { return len(h.cookies) > 0 }

// Cookies gives the cookies that are not hidden, as one header value.
func (h Hidden) Cookies(headers Headers) string {
	rest, _ := headers.withoutCookies(h.cookies)
	return rest
}

// input builds the policy's world out of what the stages found.
func (d *decision) input() *Input {
	attributes, match := d.attributes, d.match
	in := &Input{
		Caller: d.caller,
		Tenant: d.tenant,
		Route: InputRoute{
			ID: match.Route.ID, Method: match.Route.Method, Template: match.Route.Template,
			Params: match.Params, Scopes: match.Route.Scopes,
		},
		Peer: InputPeer{
			Address: attributes.Peer.Address, Principal: attributes.Peer.Principal, SNI: attributes.Peer.SNI,
		},
		Envoy: InputEnvoy{
			ContextExtensions: attributes.Extensions,
			Metadata:          attributes.Metadata,
			RouteMetadata:     attributes.RouteMetadata,
		},
	}
	if attributes.Request != nil {
		in.Request = inputRequest(attributes, match, d.snapshot.hidden)
	}
	return in
}

func inputRequest(attributes *Attributes, match Match, hide Hidden) InputRequest {
	r := attributes.Request
	body, state := inputBody(r.Body)
	return InputRequest{
		Method: r.Method, Path: match.Path, Host: r.Host, Scheme: r.Scheme, Secure: r.Secure,
		Query: inputQuery(match.Query), Headers: inputHeaders(r.Headers, hide),
		Body: body, BodyState: state, ClientIP: attributes.Client(),
	}
}

// inputBody shows a body that is not UTF-8 as truncated: a policy sees less
// than the upstream will.
func inputBody(body Body) (string, BodyState) {
	if body.State == BodyAbsent {
		return "", BodyAbsent
	}
	if !utf8.Valid(body.Bytes) {
		return "", BodyTruncated
	}
	return string(body.Bytes), body.State
}

func inputQuery(query map[string][]string) map[string][]string {
	shown := make(map[string][]string, len(query))
	for name, values := range query {
		if SecretParameter(name) {
			values = slices.Repeat([]string{Redacted}, len(values))
		}
		shown[name] = values
	}
	return shown
}

// inputHeaders joins repeated headers with commas, as Envoy does by default,
// and replaces bytes that are not UTF-8, so that both encodings look the same.
func inputHeaders(headers Headers, hide Hidden) []Header {
	shown := make([]Header, 0, len(headers.List))
	at := make(map[string]int, len(headers.List))
	for _, h := range headers.List {
		if hide.Header(h.Name) || h.Name == cookieHeader {
			continue
		}
		value := strings.ToValidUTF8(h.Value, "!")
		if i, ok := at[h.Name]; ok {
			shown[i].Value += "," + value
			continue
		}
		at[h.Name] = len(shown)
		shown = append(shown, Header{h.Name, value})
	}
	if cookies, _ := headers.withoutCookies(hide.cookies); cookies != "" {
		shown = append(shown, Header{cookieHeader, strings.ToValidUTF8(cookies, "!")})
	}
	return shown
}
