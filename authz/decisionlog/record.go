package decisionlog

import (
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// entrypoint is the path that OPA's decision logs name a decision by.
const entrypoint = "sallyport/verdict/answer"

// longestRequestID bounds the one header value that is logged.
const longestRequestID = 128

// record is one line. The members up to metrics are OPA's; the others are ours.
type record struct {
	DecisionID  string            `json:"decision_id"`
	Timestamp   time.Time         `json:"timestamp"`
	Path        string            `json:"path"`
	Input       input             `json:"input"`
	Result      result            `json:"result"`
	RequestedBy string            `json:"requested_by,omitempty"`
	TraceID     string            `json:"trace_id,omitempty"`
	SpanID      string            `json:"span_id,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Metrics     metrics           `json:"metrics"`

	Caller      *caller      `json:"caller"`
	Route       *route       `json:"route"`
	Tenant      string       `json:"tenant,omitempty"`
	Reason      authz.Reason `json:"reason,omitempty"`
	Status      int          `json:"status,omitempty"`
	Rule        string       `json:"rule,omitempty"`
	Message     string       `json:"message,omitempty"`
	Cause       string       `json:"cause,omitempty"`
	Credentials []credential `json:"credentials"`
	Generation  uint64       `json:"generation"`
	RequestID   string       `json:"request_id,omitempty"`
}

type input struct {
	Request    *request `json:"request,omitempty"`
	Peer       *peer    `json:"peer,omitempty"`
	Connection bool     `json:"connection"`
}

type request struct {
	ID       string `json:"id,omitempty"`
	Method   string `json:"method"`
	Host     string `json:"host"`
	Path     string `json:"path"`
	Scheme   string `json:"scheme,omitempty"`
	Secure   bool   `json:"secure"`
	Protocol string `json:"protocol,omitempty"`
}

type peer struct {
	Address   string `json:"address,omitempty"`
	Principal string `json:"principal,omitempty"`
	SNI       string `json:"sni,omitempty"`
}

type result struct {
	Allow  bool         `json:"allow"`
	Reason authz.Reason `json:"reason,omitempty"`
	Status int          `json:"status,omitempty"`
}

type metrics struct {
	HandlerNanoseconds int64 `json:"timer_server_handler_ns"`
}

type caller struct {
	Authenticator string   `json:"authenticator"`
	Kind          string   `json:"kind"`
	Subject       string   `json:"subject"`
	Tenant        string   `json:"tenant,omitempty"`
	Role          string   `json:"role,omitempty"`
	Scopes        []string `json:"scopes,omitempty"`
	User          string   `json:"user,omitempty"`
	TokenID       string   `json:"token_id,omitempty"`
	Downgraded    bool     `json:"downgraded"`
}

type route struct {
	ID       string `json:"id,omitempty"`
	Host     string `json:"host,omitempty"`
	Method   string `json:"method,omitempty"`
	Template string `json:"template,omitempty"`
	Kind     string `json:"kind"`
}

type credential struct {
	Authenticator string        `json:"authenticator,omitempty"`
	Carrier       string        `json:"carrier"`
	Outcome       authz.Outcome `json:"outcome"`
}

func newRecord(event authz.Event, labels map[string]string) record {
	verdict, trail := event.Verdict, event.Verdict.Trail
	r := record{
		DecisionID:  event.DecisionID,
		Timestamp:   event.Start.UTC(),
		Path:        entrypoint,
		Result:      result{verdict.Effect == authz.Allow, verdict.Reason, verdict.Status},
		Labels:      labels,
		Metrics:     metrics{event.Duration.Nanoseconds()},
		Caller:      newCaller(trail.Caller),
		Route:       newRoute(trail.Route),
		Tenant:      trail.Tenant,
		Reason:      verdict.Reason,
		Status:      verdict.Status,
		Rule:        trail.Rule,
		Message:     trail.Message,
		Credentials: newCredentials(trail.Tried),
		Generation:  trail.Generation,
	}
	if trail.Cause != nil {
		r.Cause = trail.Cause.Error()
	}
	r.TraceID, r.SpanID = event.TraceParent.TraceID(), event.TraceParent.SpanID()
	if event.Attributes != nil {
		r.describe(event.Attributes)
	}
	return r
}

// describe tells what was asked, and nothing of what was presented.
func (r *record) describe(attributes *authz.Attributes) {
	from := attributes.Peer
	r.RequestedBy = from.Address
	r.Input = input{
		Peer:       &peer{from.Address, from.Principal, from.SNI},
		Connection: attributes.Request == nil,
	}
	asked := attributes.Request
	if asked == nil {
		return
	}
	r.Input.Request = &request{
		ID: asked.ID, Method: asked.Method, Host: asked.Host, Path: redact(asked.Path),
		Scheme: asked.Scheme, Secure: asked.Secure, Protocol: asked.Protocol,
	}
	r.RequestID = requestID(asked.Headers)
}

// requestID is x-request-id where it looks like an id. Clients can set it.
func requestID(headers authz.Headers) string {
	id, _ := headers.Get("x-request-id")
	if len(id) > longestRequestID {
		id = id[:longestRequestID]
	}
	if strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	return id
}

func newCaller(c authz.Caller) *caller {
	if c.Authenticator == "" {
		return nil
	}
	return &caller{
		Authenticator: c.Authenticator, Kind: c.Kind, Subject: c.Subject, Tenant: c.Tenant, Role: c.Role,
		Scopes: c.Scopes, User: c.User, TokenID: c.TokenID, Downgraded: c.Downgraded,
	}
}

func newRoute(r *authz.Route) *route {
	if r == nil {
		return nil
	}
	return &route{ID: r.ID, Host: r.Host, Method: r.Method, Template: r.Template, Kind: kindWord(r.Kind)}
}

func kindWord(kind authz.RouteKind) string {
	switch kind {
	case authz.Operation:
		return "operation"
	case authz.Preflight:
		return "preflight"
	case authz.Connection:
		return "connection"
	default:
		return "no_route"
	}
}

func newCredentials(tried []authz.Tried) []credential {
	made := make([]credential, 0, len(tried))
	for _, t := range tried {
		made = append(made, credential{t.Authenticator, t.Carrier.String(), t.Outcome})
	}
	return made
}
