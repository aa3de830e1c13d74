package authntest

import (
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// headerNames are the headers of Full: those that hold credentials, identities
// or addresses somewhere, and some that hold neither.
func headerNames() []string {
	return []string{
		"authorization", "proxy-authorization", "dpop", "x-api-key", "x-api-token", "api-key", "x-auth-token",
		"x-access-token", "x-partner", "x-csrf-token", "x-authz-subject", "x-authz-tenant", "x-authz-kind",
		"x-user-id", "x-tenant", "x-tenant-id", "x-organization-id", "x-storefront-host", "x-forwarded-for",
		"x-forwarded-host", "x-forwarded-proto", "x-forwarded-client-cert", "x-real-ip", "forwarded", "x-original-host",
		"x-original-url", "x-request-id", "host", "origin", "referer", "user-agent", "accept", "content-type", "x-debug",
	}
}

func cookieNames() []string { return []string{"session", "token", "theme"} }

func extensionNames() []string { return []string{"virtual_host", "tenant"} }

// Full gives attributes with every field filled. Each call gives an equal value
// that shares nothing with the last one.
func Full() *authz.Attributes {
	return &authz.Attributes{
		Request:       fullRequest(),
		Peer:          authz.Peer{Address: "192.0.2.7", Port: 40001, Principal: "spiffe://mesh.test/edge", Certificate: "peer-pem", SNI: "api.example.test"},
		Local:         authz.Peer{Address: "192.0.2.1", Port: 443, Principal: "spiffe://mesh.test/api", Certificate: "local-pem", SNI: "local.example.test"},
		Extensions:    map[string]string{"virtual_host": "public", "tenant": "one"},
		Metadata:      map[string]any{"envoy.filters.http.jwt_authn": map[string]any{"sub": "one"}},
		RouteMetadata: map[string]any{"route": map[string]any{"tier": "one"}},
	}
}

func fullRequest() *authz.Request {
	r := &authz.Request{
		ID: "17", Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Method: "POST", Scheme: "https", Secure: true,
		Host: "api.example.test", Path: "/v1/orders?page=1", Protocol: "HTTP/2", Mesh: true,
		Headers: authz.Headers{Joined: true},
		Body:    authz.Body{State: authz.BodyWhole, Bytes: []byte(`{"a":1}`)},
	}
	for _, name := range headerNames() {
		r.Headers.List = append(r.Headers.List, authz.Header{Name: name, Value: "value-of-" + name})
	}
	var cookies []string
	for _, name := range cookieNames() {
		cookies = append(cookies, name+"=value-of-"+name)
	}
	r.Headers.List = append(r.Headers.List, authz.Header{Name: "cookie", Value: strings.Join(cookies, "; ")})
	return r
}

// ByHeader presents a value in a header, behind the scheme unless that is "".
func ByHeader(name, scheme string) func(*authz.Attributes, string) {
	return func(a *authz.Attributes, value string) {
		if scheme != "" {
			value = scheme + " " + value
		}
		setHeader(a, strings.ToLower(name), value)
	}
}

// ByCookie presents a value in a cookie among others.
func ByCookie(name string) func(*authz.Attributes, string) {
	return func(a *authz.Attributes, value string) { setCookie(a, name, value) }
}

// ByHost presents a value as the host that is asked for.
func ByHost() func(*authz.Attributes, string) {
	return func(a *authz.Attributes, value string) { a.Request.Host = value }
}

func setHeader(a *authz.Attributes, name, value string) {
	removeHeader(a, name)
	addHeader(a, name, value)
}

func addHeader(a *authz.Attributes, name, value string) {
	a.Request.Headers.List = append(a.Request.Headers.List, authz.Header{Name: name, Value: value})
}

func removeHeader(a *authz.Attributes, name string) {
	a.Request.Headers.List = slices.DeleteFunc(a.Request.Headers.List, func(h authz.Header) bool { return h.Name == name })
}

func setCookie(a *authz.Attributes, name, value string) {
	setHeader(a, "cookie", strings.Join(append(otherCookies(a, name), name+"="+value), "; "))
}

func removeCookie(a *authz.Attributes, name string) {
	setHeader(a, "cookie", strings.Join(otherCookies(a, name), "; "))
}

func otherCookies(a *authz.Attributes, name string) []string {
	line, _ := a.Request.Headers.Get("cookie")
	return slices.DeleteFunc(strings.Split(line, "; "), func(pair string) bool {
		key, _, _ := strings.Cut(pair, "=")
		return key == name || pair == ""
	})
}
