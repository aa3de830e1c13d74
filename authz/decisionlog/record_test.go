package decisionlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

// written is the one line that an event makes.
func written(t *testing.T, event authz.Event, settings decisionlog.Settings) string {
	t.Helper()
	return oneLine(t, event, settings)
}

// failer is a test, or a property's.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func lineOf(t failer, event authz.Event, view decisionlog.View) string {
	t.Helper()
	return oneLine(t, event, decisionlog.Settings{View: view})
}

func oneLine(t failer, event authz.Event, settings decisionlog.Settings) string {
	t.Helper()
	var out bytes.Buffer
	log := decisionlog.New(&out, settings)
	log.Record(event)
	if err := log.Close(context.Background()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	line, found := strings.CutSuffix(out.String(), "\n")
	if !found || strings.ContainsAny(line, "\r\n") {
		t.Fatalf("not one line: %q", out.String())
	}
	return line
}

// parsed is the record as a reader sees it.
func parsed(t *testing.T, line string) map[string]any {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatalf("line does not parse: %v\n%s", err, line)
	}
	return got
}

func denied() authz.Event {
	return authz.Event{
		DecisionID:  "d-1",
		Start:       time.Date(2026, 3, 1, 12, 0, 0, 5, time.FixedZone("CET", 3600)),
		Duration:    1500 * time.Nanosecond,
		TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		Attributes: &authz.Attributes{
			Peer: authz.Peer{Address: "10.0.0.1", Port: 4242, Principal: "spiffe://td/envoy", SNI: "api.example", Certificate: "PEM"},
			Request: &authz.Request{
				ID: "77", Method: "GET", Scheme: "https", Secure: true, Host: "api.example", Path: "/v1/orders/7?token=abc&x=1",
				Protocol: "HTTP/2", Headers: authz.Headers{List: []authz.Header{{Name: "x-request-id", Value: "r-1"}}},
			},
		},
		Verdict: authz.Verdict{
			Effect: authz.Deny, Reason: authz.OutOfScope, Status: 403,
			Headers: []authz.Header{{Name: "x-reply", Value: "v"}}, Body: "body",
			Trail: authz.Trail{
				Generation: 3, Cache: authz.CacheHit, Tenant: "acme", Rule: "scope", Message: "no", Cause: errors.New("why"), Path: "/v1/orders/7",
				Route: &authz.Route{Kind: authz.Operation, ID: "order", Host: "api", Method: "GET", Template: "/v1/orders/{id}"},
				Caller: authz.Caller{
					Authenticator: "keys", Kind: "api_key", Subject: "s", Tenant: "acme", Role: "admin", Scopes: []string{"read"},
					User: "u", TokenID: "k1", Claims: map[string]any{"claim": "v"}, Downgraded: true,
				},
				Tried: []authz.Tried{{Authenticator: "keys", Carrier: authz.InHeader("x-api-key"), Outcome: authz.OutcomeValid}},
			},
		},
	}
}

func TestRecordHasOPAsForm(t *testing.T) {
	const want = `{
		"decision_id": "d-1", "timestamp": "2026-03-01T11:00:00.000000005Z", "path": "sallyport/verdict/answer",
		"input": {
			"request": {"id": "77", "method": "GET", "host": "api.example", "path": "/v1/orders/7?token=REDACTED&x=1",
				"scheme": "https", "secure": true, "protocol": "HTTP/2"},
			"peer": {"address": "10.0.0.1", "principal": "spiffe://td/envoy", "sni": "api.example"},
			"connection": false
		},
		"result": {"allow": false, "reason": "scope", "status": 403},
		"requested_by": "10.0.0.1",
		"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331",
		"labels": {"node": "a"}, "metrics": {"timer_server_handler_ns": 1500},
		"caller": {"authenticator": "keys", "kind": "api_key", "subject": "s", "tenant": "acme", "role": "admin",
			"scopes": ["read"], "user": "u", "token_id": "k1", "downgraded": true},
		"route": {"id": "order", "host": "api", "method": "GET", "template": "/v1/orders/{id}", "kind": "operation"},
		"tenant": "acme", "reason": "scope", "status": 403, "rule": "scope", "message": "no", "cause": "why",
		"credentials": [{"authenticator": "keys", "carrier": "header:x-api-key", "outcome": "valid"}],
		"flags": ["credential_in_query"],
		"generation": 3, "cache": "hit", "request_id": "r-1"
	}`
	got := parsed(t, written(t, denied(), decisionlog.Settings{Labels: map[string]string{"node": "a"}}))
	if diff := cmp.Diff(parsed(t, want), got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func TestRecordOfUnreadableRequest(t *testing.T) {
	got := parsed(t, written(t, authz.Event{DecisionID: "d-1"}, decisionlog.Settings{
		Now: func() time.Time { return time.Unix(0, 0) },
	}))
	want := parsed(t, `{
		"decision_id": "d-1", "timestamp": "1970-01-01T00:00:00Z", "path": "sallyport/verdict/answer",
		"input": {"connection": false}, "result": {"allow": false}, "metrics": {"timer_server_handler_ns": 0},
		"caller": null, "route": null, "credentials": [], "generation": 0, "cache": "none"
	}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func TestRecordOfConnection(t *testing.T) {
	event := denied()
	event.Attributes = &authz.Attributes{Peer: authz.Peer{Address: "10.0.0.1", SNI: "db.example"}}
	event.Verdict = authz.Verdict{Effect: authz.Allow, Trail: authz.Trail{Route: &authz.Route{Kind: authz.Connection}}}
	got := parsed(t, written(t, event, decisionlog.Settings{}))
	want := []any{
		map[string]any{"connection": true, "peer": map[string]any{"address": "10.0.0.1", "sni": "db.example"}},
		map[string]any{"allow": true},
		map[string]any{"kind": "connection"},
	}
	if diff := cmp.Diff(want, []any{got["input"], got["result"], got["route"]}); diff != "" {
		t.Errorf("input, result and route (-want +got):\n%s", diff)
	}
}

func TestKindOfRoute(t *testing.T) {
	for kind, want := range map[authz.RouteKind]string{
		authz.NothingDeclared: "no_route", authz.Operation: "operation", authz.Preflight: "preflight", 99: "no_route",
	} {
		event := authz.Event{Verdict: authz.Verdict{Trail: authz.Trail{Route: &authz.Route{Kind: kind}}}}
		got := parsed(t, written(t, event, decisionlog.Settings{}))
		if diff := cmp.Diff(map[string]any{"kind": want}, got["route"]); diff != "" {
			t.Errorf("route (-want +got):\n%s", diff)
		}
	}
}

// What has the form of a traceparent is the business of authz.ParseTraceParent.
func TestTraceIsThatOfTheTraceParent(t *testing.T) {
	const traceID, spanID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for parent, want := range map[authz.TraceParent][]any{
		"00-" + traceID + "-" + spanID + "-01": {traceID, spanID},
		"free text that nobody parsed":         {nil, nil},
		"":                                     {nil, nil},
	} {
		got := parsed(t, written(t, authz.Event{TraceParent: parent}, decisionlog.Settings{}))
		if diff := cmp.Diff(want, []any{got["trace_id"], got["span_id"]}); diff != "" {
			t.Errorf("trace and span of %q (-want +got):\n%s", parent, diff)
		}
	}
}

func TestRequestIDIsCappedAndPlain(t *testing.T) {
	for _, c := range []struct {
		name, id string
		want     any
	}{
		{"plain", "a-1", "a-1"},
		{"long", strings.Repeat("a", 129), strings.Repeat("a", 128)},
		{"space", "a b", nil},
		{"control character", "a\x1b[31m", nil},
		{"beyond ASCII", "\u00e9", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			event := denied()
			event.Attributes.Request.Headers.List[0].Value = c.id
			if got := parsed(t, written(t, event, decisionlog.Settings{}))["request_id"]; got != c.want {
				t.Errorf("request_id = %v, want %v", got, c.want)
			}
		})
	}
}
