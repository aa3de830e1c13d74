package rego_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/rego"
	"github.com/sallyport-authz/sallyport/policies"
)

// full has something in every field of an Input.
func full() *authz.Input {
	return &authz.Input{
		Caller: authz.Caller{
			Authenticator: "keys", Kind: "key", Subject: "ann", Tenant: "acme", Role: "admin",
			Scopes: []string{"b", "a"}, User: "u1", TokenID: "t1",
			Claims:     map[string]any{"n": 1, "list": []any{"x", true, nil}, "deep": map[string]any{"f": 1.5}},
			Downgraded: true,
		},
		Route: authz.InputRoute{
			ID: "getOrder", Method: "GET", Template: "/orders/{order}",
			Params: []authz.Param{{Name: "order", Value: "7"}}, Scopes: []string{"orders:read"},
		},
		Tenant: "acme",
		Request: authz.InputRequest{
			Method: "HEAD", Path: "/orders/7", Host: "api.acme.test", Scheme: "https", Secure: true,
			Query:   map[string][]string{"q": {"1", "2"}, "token": {authz.Redacted}},
			Headers: []authz.Header{{Name: "accept", Value: "a/b"}, {Name: "x-two", Value: "1"}, {Name: "x-two", Value: "2"}},
			Body:    "{}", BodyState: authz.BodyWhole, ClientIP: "192.0.2.1",
		},
		Peer: authz.InputPeer{Address: "192.0.2.2", Principal: "spiffe://acme/web", SNI: "api.acme.test"},
		Envoy: authz.InputEnvoy{
			ContextExtensions: map[string]string{"listener": "public"},
			Metadata:          map[string]any{"ns": map[string]any{"k": "v"}},
			RouteMetadata:     map[string]any{"rs": map[string]any{"k": 2}},
		},
	}
}

// seen gives the input as policies see it.
func seen(t testing.TB, in *authz.Input) string {
	t.Helper()
	policy := own(t, `answer := {"allow": false, "message": json.marshal(input)}`)
	answer, err := policy.Decide(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Message
}

func TestInputAsPoliciesSeeIt(t *testing.T) {
	tests := []struct {
		name string
		in   *authz.Input
		want string
	}{
		{"everything", full(), `{
			"caller": {"authenticator": "keys", "kind": "key", "subject": "ann", "tenant": "acme", "role": "admin", "scopes": ["b", "a"],
				"user": "u1", "token_id": "t1", "claims": {"n": 1, "list": ["x", true, null], "deep": {"f": 1.5}}, "downgraded": true},
			"route": {"id": "getOrder", "method": "GET", "template": "/orders/{order}", "params": {"order": "7"}, "scopes": ["orders:read"]},
			"tenant": "acme",
			"request": {"method": "HEAD", "path": "/orders/7", "host": "api.acme.test", "scheme": "https", "secure": true,
				"query": {"q": ["1", "2"], "token": ["REDACTED"]}, "headers": {"accept": ["a/b"], "x-two": ["1", "2"]},
				"body": "{}", "body_state": "whole", "client_ip": "192.0.2.1"},
			"peer": {"address": "192.0.2.2", "principal": "spiffe://acme/web", "sni": "api.acme.test"},
			"envoy": {"context_extensions": {"listener": "public"}, "metadata": {"ns": {"k": "v"}}, "route_metadata": {"rs": {"k": 2}}}
		}`},
		{"nothing", &authz.Input{}, `{
			"caller": {"authenticator": "", "kind": "", "subject": "", "tenant": "", "role": "", "scopes": [],
				"user": "", "token_id": "", "claims": {}, "downgraded": false},
			"route": {"id": "", "method": "", "template": "", "params": {}, "scopes": []},
			"tenant": "",
			"request": {"method": "", "path": "", "host": "", "scheme": "", "secure": false,
				"query": {}, "headers": {}, "body": "", "body_state": "absent", "client_ip": ""},
			"peer": {"address": "", "principal": "", "sni": ""},
			"envoy": {"context_extensions": {}, "metadata": {}, "route_metadata": {}}
		}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got, want any
			if err := json.Unmarshal([]byte(seen(t, test.in)), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("input (-got +want):\n%s", diff)
			}
		})
	}
}

// validator allows when input matches the shipped schema.
func validator(t testing.TB) *rego.Policy {
	t.Helper()
	data := folder(t, map[string]string{"schema.json": `{"schema": ` + string(policies.InputSchema) + `}`})
	return own(t, `answer := {"allow": match[0], "message": json.marshal(match[1])}

match := json.match_schema(input, data.schema)
`, func(s *rego.Settings) {
		s.Grant, s.Paths = []string{"json.match_schema"}, append(s.Paths, data)
	})
}

// The schema requires every member and closes every object, so that a member
// that is built but not described, or described but not built, is found.
func TestInputMatchesTheSchema(t *testing.T) {
	policy := validator(t)
	for name, in := range map[string]*authz.Input{"full": full(), "empty": {}, "usual": ann()} {
		t.Run(name, func(t *testing.T) {
			if got, err := policy.Decide(t.Context(), in); !got.Allow || err != nil {
				t.Errorf("got %q and error %v, want a match", got.Message, err)
			}
		})
	}
}

// Guard: newDocument gives up. A claim left out could be the one that denies.
func TestClaimThatCannotBeTranslatedIsAnError(t *testing.T) {
	policy, err := rego.New(t.Context(), rego.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{
		"function": func() {}, "not a number": math.NaN(),
		"deep infinity": map[string]any{"x": []any{math.Inf(1)}}, "channel": make(chan int),
	} {
		t.Run(name, func(t *testing.T) {
			in := ann()
			in.Caller.Claims = map[string]any{"x": value}
			wantError(t, policy, in, "build input.caller.claims")
			in = ann()
			in.Envoy.Metadata = map[string]any{"x": value}
			wantError(t, policy, in, "build input.envoy.metadata")
			in = ann()
			in.Envoy.RouteMetadata = map[string]any{"x": value}
			wantError(t, policy, in, "build input.envoy.route_metadata")
		})
	}
}

// FuzzInput: whatever the request holds, the document matches the schema and is
// the same each time.
func FuzzInput(f *testing.F) {
	f.Add("name", "value", "/a", []byte("body"), true)
	f.Add("", "\x00", "/%2F", []byte{0xff}, false)
	f.Add("x-Ä", "a,b", "", []byte("{}"), true)
	policy := validator(f)
	show := own(f, `answer := {"allow": false, "message": json.marshal(input)}`)
	f.Fuzz(func(t *testing.T, name, value, path string, body []byte, flag bool) {
		in := full()
		in.Caller.Claims = map[string]any{name: value, value: []any{name, flag, nil}}
		in.Request.Headers = append(in.Request.Headers, authz.Header{Name: name, Value: value}, authz.Header{Name: name, Value: path})
		in.Request.Query = map[string][]string{name: {value, path}, value: {}}
		in.Request.Path, in.Request.Body, in.Request.Secure = path, string(body), flag
		in.Route.Params = []authz.Param{{Name: name, Value: value}, {Name: value, Value: name}}
		if got, err := policy.Decide(t.Context(), in); err == nil && !got.Allow {
			t.Errorf("input does not match the schema: %s", got.Message)
		}
		first, err := show.Decide(t.Context(), in)
		if err != nil {
			return
		}
		if second, err := show.Decide(t.Context(), in); err == nil && first.Message != second.Message {
			t.Errorf("two documents of one input:\n%s\n%s", first.Message, second.Message)
		}
	})
}
