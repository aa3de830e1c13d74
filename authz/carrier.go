package authz

import (
	"slices"
	"strings"
)

// CarrierKind tells headers and cookies apart.
type CarrierKind int

// The kinds of carrier. The zero kind carries nothing.
const (
	NoCarrier CarrierKind = iota
	HeaderCarrier
	CookieCarrier
)

// Carrier is one header, or one cookie name, that may hold a secret. Carriers
// are compared with ==; make them with InHeader and InCookie.
type Carrier struct {
	Kind CarrierKind
	Name string
}

// InHeader is the carrier for the header called name, in any case.
func InHeader(name string) Carrier { return Carrier{HeaderCarrier, strings.ToLower(name)} }

// InCookie is the carrier for the cookie called name; cookie names keep their case.
func InCookie(name string) Carrier { return Carrier{CookieCarrier, name} }

// Field is the field that reading the carrier looks at.
func (c Carrier) Field() Field {
	if c.Kind == CookieCarrier {
		return FieldCookie(c.Name)
	}
	return FieldHeader(c.Name)
}

// String is the form that the decision log shows, as in "header:authorization".
func (c Carrier) String() string {
	if c.Kind == NoCarrier {
		return "none"
	}
	return string(c.Field())
}

// MayCarry reports a header that can hold a credential: one with a field name (RFC
// 9110 section 5.1) in lower case, that does not frame or route the message and is
// not the proxy's or another stage's. A carrier is taken off the request, and
// taking one of those off would change what the request means.
func MayCarry(header string) bool {
	return IsHeaderName(header) && !isFraming(header) && !slices.Contains(spoken(), header) &&
		!strings.HasPrefix(header, identityPrefix) && !strings.HasPrefix(header, "x-envoy-")
}

// spoken are headers that say something else.
func spoken() []string {
	return []string{
		"content-type", "content-encoding", cookieHeader, "dpop", "x-csrf-token", "x-request-id",
		"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-client-cert",
	}
}
