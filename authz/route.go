package authz

import "errors"

// RouteKind says what a match stands for.
type RouteKind int

// The kinds of route. The zero kind is none: nobody is let through.
const (
	// NothingDeclared answers 403 to a known caller and 401 to nobody.
	NothingDeclared RouteKind = iota
	// Operation is a declared host, method and path.
	Operation
	// Preflight is a CORS preflight (Fetch standard) on a host that lets it pass.
	Preflight
	// Connection is a declared connection of Envoy's network filter.
	Connection
)

// Treatment says what becomes of a credential that the route has no use for.
type Treatment int

// The treatments. The zero one refuses.
const (
	Refuse Treatment = iota
	Ignore
)

// Route is one operation: host, method and path template, with the rules for
// it. It is immutable once its snapshot is live.
type Route struct {
	Kind     RouteKind
	ID       string
	Host     string
	Method   string
	Template string
	// Claims are those of the host block that the route stands in.
	Claims *Claims
	// Accept are the ordered groups of accepted authenticators.
	Accept [][]*Configured
	Scopes []string
	// Tenant is nil only where Kind is not Operation or Connection.
	Tenant TenantSource
	// Belonging, unless nil, lets only members of the tenant pass.
	Belonging Belonging
	Format    *DenialFormat
	// Challenge is the WWW-Authenticate value of a 401; "" sends none.
	Challenge string
	// UpstreamClaims are what the upstream reads in x-authz-claims.
	UpstreamClaims UpstreamClaims
	// ForwardCredential leaves every carrier in the request.
	ForwardCredential bool
	// EncodedSlash lets %2F stand in a parameter.
	EncodedSlash bool
	// MalformedStatus is the status for a malformed credential; 0 is 401.
	MalformedStatus int
	// Unclaimed treats a value that no authenticator claims as absent.
	Unclaimed Treatment
	// UnacceptedHeader and UnacceptedCookie are for claimed values of
	// authenticators that the route does not accept.
	UnacceptedHeader Treatment
	UnacceptedCookie Treatment
	// Plan makes the keys under which verdicts are remembered; nil remembers none.
	Plan KeyPlan
}

// Param is one parameter of a path template with its decoded value.
type Param struct{ Name, Value string }

// Match is the route of a request and what matching found out on the way.
type Match struct {
	// Route is never nil, also beside an error: it is then the host's own
	// NothingDeclared route, so that the denial has the host's format.
	Route *Route
	// Path is canonical: decoded once, encoded again, without the query.
	Path   string
	Params []Param
	Query  map[string][]string
}

// Router finds the route. It is safe for parallel use.
type Router interface {
	// Match gives ErrAmbiguous for a path, query or method that cannot be read
	// in one way only. What nobody declared is no error but a route.
	Match(*Attributes) (Match, error)
}

// ErrNoTenant: the declared source names no tenant.
var ErrNoTenant = errors.New("no tenant")

// TenantSource finds the tenant that a request concerns in one declared place.
type TenantSource interface {
	// Tenant gives the tenant, or ErrNoTenant where the place is empty. Only a
	// source that declares that there is no tenant gives "" without an error.
	Tenant(*Attributes, Match, Caller) (string, error)
	Reads() Reads
}
