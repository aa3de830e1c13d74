package decisionlog_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

// object is what encoding/json makes of a record. Members are left out where
// filled is used and the value is the zero one.
type object map[string]any

func (o object) filled(name string, value any, zero bool) object {
	if !zero {
		o[name] = value
	}
	return o
}

func (o object) texts(pairs ...string) object {
	for i := 0; i < len(pairs); i += 2 {
		o.filled(pairs[i], pairs[i+1], pairs[i+1] == "")
	}
	return o
}

// reference is the record of an event whose path holds no separators and whose
// request id and traceparent are not looked at.
func reference(e authz.Event, everything bool) object {
	v, trail := e.Verdict, e.Verdict.Trail
	o := object{
		"decision_id": e.DecisionID, "timestamp": e.Start.UTC(), "path": "sallyport/verdict/answer", "input": referenceInput(e.Attributes, everything),
		"result":  object{"allow": v.Effect == authz.Allow}.texts("reason", string(v.Reason)).filled("status", v.Status, v.Status == 0),
		"metrics": object{"timer_server_handler_ns": e.Duration}, "caller": referenceCaller(trail.Caller, everything), "route": nil,
		"credentials": []any{}, "generation": trail.Generation, "cache": "none",
	}
	o.texts("tenant", trail.Tenant, "reason", string(v.Reason), "rule", trail.Rule, "message", trail.Message, "cache", string(trail.Cache))
	o.filled("status", v.Status, v.Status == 0)
	if trail.Cause != nil {
		o.texts("cause", trail.Cause.Error())
	}
	if e.Attributes != nil {
		o.texts("requested_by", e.Attributes.Client())
	}
	if r := trail.Route; r != nil {
		o["route"] = object{"kind": "operation"}.texts("id", r.ID, "host", r.Host, "method", r.Method, "template", r.Template)
	}
	for _, tried := range trail.Tried {
		o["credentials"] = append(o["credentials"].([]any), object{
			"carrier": tried.Carrier.String(), "outcome": tried.Outcome,
		}.texts("authenticator", tried.Authenticator))
	}
	ours := slices.ContainsFunc(trail.Tried, func(t authz.Tried) bool { return t.Carrier.Kind != authz.NoCarrier })
	if a := e.Attributes; ours && a != nil && a.Request != nil && !a.Protected() {
		o["flags"] = []string{"credential_over_plaintext"}
	}
	return o
}

func referenceInput(a *authz.Attributes, everything bool) object {
	if a == nil {
		return object{"connection": false}
	}
	in := object{
		"connection": a.Request == nil,
		"peer":       object{}.texts("address", a.Peer.Address, "principal", a.Peer.Principal, "sni", a.Peer.SNI),
	}
	if r := a.Request; r != nil {
		asked := object{"method": r.Method, "host": r.Host, "path": r.Path, "secure": r.Secure}
		in["request"] = asked.texts("id", r.ID, "scheme", r.Scheme, "protocol", r.Protocol)
		if everything {
			headers := map[string][]string{}
			for _, h := range r.Headers.List {
				headers[h.Name] = append(headers[h.Name], h.Value)
			}
			asked["headers"] = headers
		}
	}
	return in
}

func referenceCaller(c authz.Caller, everything bool) any {
	if c.Authenticator == "" {
		return nil
	}
	o := object{"authenticator": c.Authenticator, "kind": c.Kind, "subject": c.Subject, "downgraded": c.Downgraded}
	o.texts("tenant", c.Tenant, "role", c.Role, "user", c.User, "token_id", c.TokenID)
	o.filled("claims", c.Claims, !everything || len(c.Claims) == 0)
	return o.filled("scopes", c.Scopes, len(c.Scopes) == 0)
}

// TestRecordIsWhatEncodingJSONMakes compares records of random events with
// encoding/json's: both are decoded and must be equal, and a line holds nothing
// that does not show.
func TestRecordIsWhatEncodingJSONMakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event, everything := events(t), rapid.Bool().Draw(t, "everything")
		var view decisionlog.View
		if everything {
			view = decisionlog.View{Headers: []string{"*"}, Claims: []string{"*"}}
		}
		line := lineOf(t, event, view)
		encoded, err := json.Marshal(reference(event, everything))
		if err != nil {
			t.Fatalf("encoding/json: %v", err)
		}
		var got, want map[string]any
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("line does not parse: %v\n%s", err, line)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("record (-encoding/json +ours):\n%s", diff)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("the line holds what does not show: %q", line)
		}
	})
}

func events(t *rapid.T) authz.Event {
	text := rapid.OneOf(rapid.String(), rapid.StringN(0, 4, -1), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	draw := func(name string) string { return text.Draw(t, name) }
	plain := func(name string) string { return rapid.StringMatching(`[a-z.]{0,9}`).Draw(t, name) }
	e := authz.Event{
		DecisionID: draw("id"), Start: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "second"), rapid.Int64Range(0, 1e9-1).Draw(t, "nanosecond")),
		Duration: time.Duration(rapid.Int64().Draw(t, "duration")),
		Verdict: authz.Verdict{
			Effect: authz.Effect(rapid.IntRange(0, 1).Draw(t, "effect")), Reason: authz.Reason(draw("reason")), Status: rapid.Int().Draw(t, "status"),
			Trail: authz.Trail{
				Generation: rapid.Uint64().Draw(t, "generation"), Tenant: draw("tenant"), Rule: draw("rule"), Message: draw("message"),
				Cache: rapid.SampledFrom(authz.CacheStates()).Draw(t, "cache"), Tried: rapid.SliceOfN(rapid.Custom(tried), 0, 3).Draw(t, "tried"),
				Caller: authz.Caller{
					Authenticator: draw("authenticator"), Kind: draw("kind"), Subject: draw("subject"), Tenant: draw("tenant"), Role: draw("role"),
					Scopes: rapid.SliceOf(text).Draw(t, "scopes"), User: draw("user"), TokenID: draw("token"), Downgraded: rapid.Bool().Draw(t, "downgraded"),
					Claims: rapid.MapOf(text, rapid.OneOf(claims(), rapid.Map(rapid.MapOf(text, claims()), func(m map[string]any) any { return m }))).Draw(t, "claims"),
				},
			},
		},
	}
	if rapid.Bool().Draw(t, "cause") {
		e.Verdict.Trail.Cause = errors.New(draw("cause"))
	}
	if rapid.Bool().Draw(t, "route") {
		e.Verdict.Trail.Route = &authz.Route{Kind: authz.Operation, ID: draw("id"), Host: draw("host"), Method: draw("method"), Template: draw("template")}
	}
	if rapid.Bool().Draw(t, "read") {
		e.Attributes = &authz.Attributes{Peer: authz.Peer{Address: draw("address"), Principal: draw("principal"), SNI: draw("sni")}}
	}
	if e.Attributes != nil && rapid.Bool().Draw(t, "request") {
		e.Attributes.Request = &authz.Request{
			ID: draw("id"), Method: draw("method"), Scheme: draw("scheme"), Secure: rapid.Bool().Draw(t, "secure"), Host: draw("host"),
			Path: "/" + plain("path"), Protocol: draw("protocol"),
			Headers: authz.Headers{List: []authz.Header{{Name: "a", Value: plain("a")}, {Name: "b", Value: plain("b")}, {Name: "a", Value: plain("a")}}},
		}
	}
	return e
}

func tried(t *rapid.T) authz.Tried {
	kind := authz.CarrierKind(rapid.IntRange(0, 3).Draw(t, "kind"))
	name := strings.ToLower(rapid.String().Draw(t, "name"))
	return authz.Tried{Authenticator: rapid.String().Draw(t, "authenticator"), Carrier: authz.Carrier{Kind: kind, Name: name}, Outcome: authz.OutcomeValid}
}

func claims() *rapid.Generator[any] {
	whole := rapid.Map(rapid.Float64Range(-1e30, 1e30), func(f float64) any { return f })
	text := rapid.Map(rapid.String(), func(s string) any { return s })
	list := rapid.Map(rapid.SliceOf(rapid.Bool()), func(list []bool) any {
		values := make([]any, 0, len(list))
		for _, b := range list {
			values = append(values, b, nil)
		}
		return values
	})
	return rapid.OneOf(whole, text, list)
}

// FuzzText: a text is written as encoding/json writes it, but for what does not
// show, which is escaped too.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a\"\\/<>&", "\x00\x7f\u2028\u202e\U000e0041", "a\xff\xc3", "\ufffd\b\f\n\r\t", "\u00e9\U0001f600"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		encoded, err := json.Marshal("x" + text)
		if err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		for _, r := range string(encoded) {
			if unicode.IsPrint(r) {
				want.WriteRune(r)
				continue
			}
			for _, unit := range utf16.Encode([]rune{r}) {
				want.WriteString(`\u` + hex(unit))
			}
		}
		event := authz.Event{Verdict: authz.Verdict{Trail: authz.Trail{Message: "x" + text}}}
		if line := lineOf(t, event, decisionlog.View{}); !strings.Contains(line, `,"message":`+want.String()+`,"credentials"`) {
			t.Errorf("want %s in\n%s", want.String(), line)
		}
	})
}

func hex(unit uint16) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15]})
}
