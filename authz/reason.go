package authz

import "slices"

import "net/http"

// Reason says why a request was denied. The set is closed: the same word
// stands in the decision log, in metrics, in policies' answers and, as the
// stable code, in a denial's body.
type Reason string

// The reasons, in the order in which a Check meets them.
const (
	// Malformed: the request or a credential cannot be read in one way only.
	Malformed Reason = "malformed"
	// NoRoute: a known caller asked for an operation that nobody declared.
	NoRoute Reason = "no_route"
	// Conflict: one carrier twice, or two credentials of equal rank.
	Conflict Reason = "conflict"
	// Unauthenticated: no credential that the route accepts was presented.
	Unauthenticated Reason = "unauthenticated"
	// Rejected: a credential was presented and is not good here, or is good for nothing.
	Rejected Reason = "rejected"
	// InsecureTransport: the channel was refused before the credential.
	InsecureTransport Reason = "insecure_transport"
	// OutOfScope: the caller lacks a scope that the route asks for.
	OutOfScope Reason = "scope"
	// WrongTenant: no tenant, or another one than the caller's.
	WrongTenant Reason = "tenant"
	// WrongApplication: the caller is not registered for the application.
	WrongApplication Reason = "application"
	// ByPolicy: an operator's own rule denied.
	ByPolicy Reason = "policy"
	// Throttled: a rate limit was reached.
	Throttled Reason = "throttled"
	// Unavailable: the decision could not be made. It says nothing about the caller.
	Unavailable Reason = "unavailable"
)

// Reasons lists every Reason in the order of their declaration.
func Reasons() []Reason {
	return []Reason{
		Malformed, NoRoute, Conflict, Unauthenticated, Rejected, InsecureTransport, OutOfScope,
		WrongTenant, WrongApplication, ByPolicy, Throttled, Unavailable,
	}
}

// Status is the HTTP status that a denial with this reason carries when neither
// route nor policy names another: 401 while no accepted credential is verified,
// 403 for a known caller or a refused channel, 503 for everything else, an
// unknown reason included.
func (r Reason) Status() int {
	switch r {
	case Malformed, Conflict:
		return http.StatusBadRequest
	case Unauthenticated, Rejected:
		return http.StatusUnauthorized
	case NoRoute, InsecureTransport, OutOfScope, WrongTenant, WrongApplication, ByPolicy:
		return http.StatusForbidden
	case Throttled:
		return http.StatusTooManyRequests
	case Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusServiceUnavailable
	}
}

// Known reports whether r is one of the closed set.
func (r Reason) Known() bool {
	return slices.Contains(Reasons(), r)
}
