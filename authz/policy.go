package authz

import (
	"context"
	"errors"
	"time"
)

// ErrBusy: more is being evaluated than there are processors. The Check is shed.
var ErrBusy = errors.New("too many evaluations")

// Policy evaluates the rules of a snapshot. It is safe for parallel use.
type Policy interface {
	// Decide gives an answer only when the evaluation finished and the answer
	// has the documented form; everything else is an error, and a denial. One
	// that was not begun because others are under way wraps ErrBusy.
	Decide(context.Context, *Input) (Answer, error)
}

// Answer is what a policy says. The zero Answer denies.
type Answer struct {
	Allow   bool
	Reason  Reason
	Status  int
	Message string
	// Rule names the rule that decided, for the decision log.
	Rule string
	// Headers go upstream on an allow, ResponseHeaders to the client always.
	Headers         []Header
	ResponseHeaders []Header
	Metadata        map[string]any
	// TTL shortens how long the verdict may be remembered; negative is not set.
	TTL time.Duration
}

// Input is the policy's whole world. The JSON names and the schema stand in the
// policies folder; the engine translates one into the other.
type Input struct {
	Caller  Caller
	Route   InputRoute
	Tenant  string
	Request InputRequest
	Peer    InputPeer
	Envoy   InputEnvoy
}

// InputRoute is input.route.
type InputRoute struct {
	ID       string
	Method   string
	Template string
	Params   []Param
	Scopes   []string
}

// InputRequest is input.request. It holds no credential: known carriers, our
// cookies and credentials in the query are cut out before it is made.
type InputRequest struct {
	Method    string
	Path      string
	Host      string
	Scheme    string
	Secure    bool
	Query     map[string][]string
	Headers   []Header
	Body      string
	BodyState BodyState
	ClientIP  string
}

// InputPeer is input.peer.
type InputPeer struct{ Address, Principal, SNI string }

// InputEnvoy is input.envoy.
type InputEnvoy struct {
	ContextExtensions map[string]string
	Metadata          map[string]any
	RouteMetadata     map[string]any
}
