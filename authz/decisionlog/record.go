package decisionlog

import (
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// entrypoint is the path that OPA's decision logs name a decision by.
const entrypoint = "sallyport/verdict/answer"

// longestRequestID bounds the one header value that is always logged.
const longestRequestID = 128

// labelled writes the labels, which are the same in every record, once for all.
func labelled(labels map[string]string) text {
	if len(labels) == 0 {
		return nil
	}
	var t text
	t.open("", '{')
	for _, name := range sortedKeys(labels) {
		t.key(name)
		t.quote(labels[name])
	}
	t.close('}')
	return t
}

// scribe writes records.
type scribe struct {
	labels text
	view   *view
}

// record writes an event as one line that ends in a line feed and holds no
// other. The members up to metrics are OPA's; the others are ours.
func (s scribe) record(t *text, event *authz.Event) {
	verdict, trail := &event.Verdict, &event.Verdict.Trail
	t.open("", '{')
	t.string("decision_id", event.DecisionID)
	t.time("timestamp", event.Start)
	t.string("path", entrypoint)
	s.input(t, event.Attributes)
	result(t, verdict)
	if event.Attributes != nil {
		t.filled("requested_by", event.Attributes.Client())
	}
	t.filled("trace_id", event.TraceParent.TraceID())
	t.filled("span_id", event.TraceParent.SpanID())
	s.label(t)
	t.open("metrics", '{')
	t.int("timer_server_handler_ns", event.Duration.Nanoseconds())
	t.close('}')

	s.caller(t, &trail.Caller)
	route(t, trail.Route)
	t.filled("tenant", trail.Tenant)
	t.filled("reason", string(verdict.Reason))
	if verdict.Status != 0 {
		t.int("status", int64(verdict.Status))
	}
	t.filled("rule", trail.Rule)
	t.filled("message", s.view.headers.scrub(trail.Message, event.Attributes))
	if trail.Cause != nil {
		t.filled("cause", s.view.headers.scrub(trail.Cause.Error(), event.Attributes))
	}
	credentials(t, trail.Tried)
	flags(t, event.Attributes, trail.Tried)
	t.uint("generation", trail.Generation)
	t.string("cache", cacheWord(trail.Cache))
	if event.Attributes != nil && event.Attributes.Request != nil {
		t.filled("request_id", requestID(event.Attributes.Request.Headers))
	}
	*t = append(*t, '}', '\n')
}

func (s scribe) label(t *text) {
	if len(s.labels) > 0 {
		t.name("labels")
		*t = append(*t, s.labels...)
	}
}

// time writes a moment in UTC (RFC 3339 section 5.6).
func (t *text) time(name string, moment time.Time) {
	t.name(name)
	*t = append(*t, '"')
	*t = moment.UTC().AppendFormat(*t, time.RFC3339Nano)
	*t = append(*t, '"')
}

// input tells what was asked, and of what was presented only what the view shows.
func (s scribe) input(t *text, attributes *authz.Attributes) {
	t.open("input", '{')
	if attributes == nil {
		t.bool("connection", false)
		t.close('}')
		return
	}
	if asked := attributes.Request; asked != nil {
		t.open("request", '{')
		t.filled("id", asked.ID)
		t.string("method", asked.Method)
		t.string("host", asked.Host)
		t.string("path", redact(asked.Path))
		t.filled("scheme", asked.Scheme)
		t.bool("secure", asked.Secure)
		t.filled("protocol", asked.Protocol)
		s.view.headers.write(t, asked.Headers.List)
		t.close('}')
	}
	t.open("peer", '{')
	t.filled("address", attributes.Peer.Address)
	t.filled("principal", attributes.Peer.Principal)
	t.filled("sni", attributes.Peer.SNI)
	t.close('}')
	t.bool("connection", attributes.Request == nil)
	t.close('}')
}

func result(t *text, verdict *authz.Verdict) {
	t.open("result", '{')
	t.bool("allow", verdict.Effect == authz.Allow)
	t.filled("reason", string(verdict.Reason))
	if verdict.Status != 0 {
		t.int("status", int64(verdict.Status))
	}
	t.close('}')
}

func (s scribe) caller(t *text, c *authz.Caller) {
	if c.Authenticator == "" {
		t.null("caller")
		return
	}
	t.open("caller", '{')
	t.string("authenticator", c.Authenticator)
	t.string("kind", c.Kind)
	t.string("subject", c.Subject)
	t.filled("tenant", c.Tenant)
	t.filled("role", c.Role)
	if len(c.Scopes) > 0 {
		t.list("scopes", c.Scopes)
	}
	t.filled("user", c.User)
	t.filled("token_id", c.TokenID)
	t.bool("downgraded", c.Downgraded)
	s.view.claims.write(t, c.Claims)
	t.close('}')
}

func route(t *text, r *authz.Route) {
	if r == nil {
		t.null("route")
		return
	}
	t.open("route", '{')
	t.filled("id", r.ID)
	t.filled("host", r.Host)
	t.filled("method", r.Method)
	t.filled("template", r.Template)
	t.string("kind", kindWord(r.Kind))
	t.close('}')
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

func cacheWord(state authz.CacheState) string {
	if state == "" {
		state = authz.CacheNone
	}
	return string(state)
}

func credentials(t *text, tried []authz.Tried) {
	t.open("credentials", '[')
	for _, one := range tried {
		t.open("", '{')
		t.filled("authenticator", one.Authenticator)
		t.carrier("carrier", one.Carrier)
		t.string("outcome", string(one.Outcome))
		t.close('}')
	}
	t.close(']')
}

// carrier writes Carrier.String without making the string.
func (t *text) carrier(name string, c authz.Carrier) {
	kind := "header:"
	switch c.Kind {
	case authz.HeaderCarrier:
	case authz.CookieCarrier:
		kind = "cookie:"
	default:
		t.string(name, c.String())
		return
	}
	t.string(name, kind)
	end := len(*t) - 1
	*t = (*t)[:end]
	t.quote(c.Name)
	*t = append((*t)[:end], (*t)[end+1:]...)
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
