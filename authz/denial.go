package authz

import (
	"net/http"
	"strings"
)

// malformedStatus is 401 unless the route says 400, which the MCP
// specification asks for.
func (r *Route) malformedStatus() int {
	if r.MalformedStatus == http.StatusBadRequest {
		return http.StatusBadRequest
	}
	return http.StatusUnauthorized
}

func joinScopes(scopes []string) string { return strings.Join(scopes, " ") }

// denialHeaders adds what the status asks for: a challenge on 401 (RFC 9110
// section 15.5.2) where the route has one, Retry-After where a retry may help.
// A retry never helps after 401 or 403.
func denialHeaders(route *Route, answer Answer, status int, format []Header) []Header {
	headers := append(append([]Header(nil), format...), answer.ResponseHeaders...)
	if status == http.StatusUnauthorized && route.Challenge != "" && !has(headers, "www-authenticate") {
		headers = append(headers, Header{"www-authenticate", route.Challenge})
	}
	if (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests) && !has(headers, "retry-after") {
		headers = append(headers, Header{"retry-after", "1"})
	}
	return headers
}

func has(headers []Header, name string) bool {
	for _, h := range headers {
		if h.Name == name {
			return true
		}
	}
	return false
}
