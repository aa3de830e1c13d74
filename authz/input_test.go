package authz_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

// inputOf is what the policy saw of an allowed check.
func inputOf(t testing.TB, s scene, attributes *authz.Attributes) *authz.Input {
	t.Helper()
	var seen *authz.Input
	s.policy = policyFunc(func(_ context.Context, in *authz.Input) (authz.Answer, error) {
		seen = in
		return authz.Answer{Allow: true}, nil
	})
	s.route.Kind = authz.Operation
	allowed().compare(t, s.authorizer(t).Check(t.Context(), attributes))
	return seen
}

// TestInputHoldsNoCredential, nothing that changes with every request, and
// nothing that only we may set. Guards: newHidden, hidden.header, withoutCookies.
func TestInputHoldsNoCredential(t *testing.T) {
	hidden := []string{
		"x-api-key", "proxy-authorization", "dpop", "x-csrf-token", "x-request-id", "traceparent", "tracestate", "baggage", "b3",
		"x-b3-traceid", "x-b3-sampled", "x-envoy-expected-rq-timeout-ms", "x-envoy-original-path", "x-authz-subject", "x-authz-made-up",
	}
	for _, name := range append(hidden, "authorization") {
		t.Run(name, func(t *testing.T) {
			s := knowing(authz.Caller{})
			headers := []authz.Header{header("accept", "a"), header("x-plan", "1"), header("accept", "b"), header("cookie", "a=1; sess=x; other=y; b=2")}
			if name != "x-api-key" {
				headers = append(headers, header(name, "secret"))
			}
			got := inputOf(t, s, request(false, append(headers, alice())...))
			want := []authz.Header{header("accept", "a,b"), header("x-plan", "1"), header("cookie", "a=1; b=2")}
			if diff := cmp.Diff(got.Request.Headers, want); diff != "" {
				t.Errorf("headers (-got +want):\n%s", diff)
			}
		})
	}
	only := inputOf(t, knowing(authz.Caller{}), request(false, alice(), header("cookie", "sess=x")))
	if len(only.Request.Headers) != 0 {
		t.Errorf("headers %v, want none", only.Request.Headers)
	}
}

// TestInputQuery: credentials in the query read REDACTED, and the query that
// routing found is not changed. Guard: secretParameter.
func TestInputQuery(t *testing.T) {
	s := knowing(authz.Caller{})
	s.match.Query = map[string][]string{
		"token": {"a", "b"}, "access_token": {"a"}, "accessToken": {"a"}, "ACCESS_TOKEN": {"a"}, "api_key": {"a"},
		"clientSecret": {"a"}, "password": {""}, "page": {"1", "2"}, "tokens": {"3"},
	}
	got := inputOf(t, s, request(false, alice()))
	hidden := []string{authz.Redacted}
	want := map[string][]string{
		"token": {authz.Redacted, authz.Redacted}, "access_token": hidden, "accessToken": hidden, "ACCESS_TOKEN": hidden, "api_key": hidden,
		"clientSecret": hidden, "password": hidden, "page": {"1", "2"}, "tokens": {"3"},
	}
	if diff := cmp.Diff(got.Request.Query, want); diff != "" {
		t.Errorf("query (-got +want):\n%s", diff)
	}
	if s.match.Query["token"][0] != "a" {
		t.Error("the match was changed")
	}
}

// TestInput passes on what the stages found, word by word.
func TestInput(t *testing.T) {
	s := knowing(authz.Caller{Subject: "alice", Tenant: "acme"})
	s.route.ID, s.route.Method, s.route.Template, s.route.Scopes = "r", "GET", "/x/{id}", []string{"a"}
	s.match.Path, s.match.Params = "/x/1", []authz.Param{{Name: "id", Value: "1"}}
	attributes := request(false, alice())
	attributes.Request.Secure, attributes.Request.ID = true, "7"
	attributes.Request.Body = authz.Body{State: authz.BodyWhole, Bytes: []byte("hi")}
	attributes.Peer = authz.Peer{Address: "192.0.2.1", Port: 9, Principal: "spiffe://a", Certificate: "c", SNI: "api.example"}
	attributes.Extensions = map[string]string{"k": "v"}
	attributes.Metadata, attributes.RouteMetadata = map[string]any{"m": 1}, map[string]any{"r": 2}
	want := &authz.Input{
		Caller: authz.Caller{Authenticator: "key", Kind: "key-word", Subject: "alice", Tenant: "acme"},
		Route:  authz.InputRoute{ID: "r", Method: "GET", Template: "/x/{id}", Params: s.match.Params, Scopes: []string{"a"}},
		Tenant: "acme",
		Request: authz.InputRequest{
			Method: "GET", Path: "/x/1", Host: "api.example", Scheme: "https", Secure: true, Query: map[string][]string{},
			Headers: []authz.Header{}, Body: "hi", BodyState: authz.BodyWhole, ClientIP: "192.0.2.1",
		},
		Peer: authz.InputPeer{Address: "192.0.2.1", Principal: "spiffe://a", SNI: "api.example"},
		Envoy: authz.InputEnvoy{
			ContextExtensions: map[string]string{"k": "v"}, Metadata: map[string]any{"m": 1}, RouteMetadata: map[string]any{"r": 2},
		},
	}
	if diff := cmp.Diff(inputOf(t, s, attributes), want); diff != "" {
		t.Errorf("input (-got +want):\n%s", diff)
	}
}

// TestInputBody: a policy never takes a part for the whole. Guard: inputBody.
func TestInputBody(t *testing.T) {
	cases := []struct {
		name  string
		body  authz.Body
		text  string
		state string
	}{
		{"absent", authz.Body{}, "", "absent"},
		{"absent with bytes", authz.Body{Bytes: []byte("x")}, "", "absent"},
		{"whole", authz.Body{State: authz.BodyWhole, Bytes: []byte("x")}, "x", "whole"},
		{"whole and empty", authz.Body{State: authz.BodyWhole}, "", "whole"},
		{"truncated", authz.Body{State: authz.BodyTruncated, Bytes: []byte("x")}, "x", "truncated"},
		{"not UTF-8", authz.Body{State: authz.BodyWhole, Bytes: []byte("\xff")}, "", "truncated"},
		{"unknown state", authz.Body{State: 9, Bytes: []byte("x")}, "x", "absent"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			attributes := request(false, alice())
			attributes.Request.Body = c.body
			got := inputOf(t, knowing(authz.Caller{}), attributes).Request
			if got.Body != c.text || got.BodyState.String() != c.state {
				t.Errorf("body %q, %s; want %q, %s", got.Body, got.BodyState, c.text, c.state)
			}
		})
	}
}

// TestInputIsUTF8: both encodings look the same to a policy.
func TestInputIsUTF8(t *testing.T) {
	raw := inputOf(t, knowing(authz.Caller{}), request(false, alice(), header("x-plan", "a\xffb")))
	joined := inputOf(t, knowing(authz.Caller{}), request(true, alice(), header("x-plan", "a!b")))
	if diff := cmp.Diff(raw.Request.Headers, joined.Request.Headers); diff != "" {
		t.Errorf("headers (-raw +joined):\n%s", diff)
	}
}
