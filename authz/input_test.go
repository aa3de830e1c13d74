package authz_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

// inputOf gives what the policy sees of a request.
func inputOf(t *testing.T, s scene, attributes *authz.Attributes) authz.Input {
	t.Helper()
	var seen authz.Input
	s.route.Kind = authz.Operation
	s.policy = policyFunc(func(_ context.Context, in *authz.Input) (authz.Answer, error) {
		seen = *in
		return authz.Answer{Allow: true}, nil
	})
	allowed().compare(t, s.authorizer(t).Check(t.Context(), attributes))
	return seen
}

// Guards: hidden.header, withoutCookies and SecretParameter.
func TestInputHoldsNoCredential(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	headers := []authz.Header{header("accept", "*/*"), header("cookie", "theme=dark; sess="+secret)}
	for _, name := range []string{
		"x-api-key", "authorization", "proxy-authorization", "dpop", "x-csrf-token", "x-request-id", "traceparent",
		"tracestate", "baggage", "b3", "x-b3-traceid", "x-envoy-peer", "x-authz-subject",
	} {
		headers = append(headers, header(name, secret))
	}
	s := scene{
		known:  append(group(onHeader()), group(onCookie(authz.StopOnInvalid))...),
		accept: [][]*authz.Configured{group(byHost())},
		route:  authz.Route{UnacceptedHeader: authz.Ignore, UnacceptedCookie: authz.Ignore, Unclaimed: authz.Ignore},
		match: authz.Match{Query: map[string][]string{
			"page": {"2"}, "token": {secret, secret}, "Access_Token": {secret}, "api_key": {secret},
			"accessToken": {secret}, "clientSecret": {secret}, "password": {secret},
		}},
	}
	got := inputOf(t, s, request(false, headers...))
	if text := fmt.Sprintf("%+v", got); strings.Contains(text, secret) {
		t.Errorf("the input holds a credential: %s", text)
	}
	want := []authz.Header{header("accept", "*/*"), header("cookie", "theme=dark")}
	if diff := cmp.Diff(got.Request.Headers, want); diff != "" {
		t.Errorf("headers (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(got.Request.Query["token"], []string{authz.Redacted, authz.Redacted}); diff != "" {
		t.Errorf("query (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(got.Request.Query["page"], []string{"2"}); diff != "" {
		t.Errorf("query (-got +want):\n%s", diff)
	}
}

// A policy that looks into a body fails closed on what it cannot see whole.
// Guard: inputBody.
func TestInputBody(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		body  authz.Body
		text  string
		state authz.BodyState
	}{
		{"none", authz.Body{}, "", authz.BodyAbsent},
		{"whole", authz.Body{State: authz.BodyWhole, Bytes: []byte("{}")}, "{}", authz.BodyWhole},
		{"cut", authz.Body{State: authz.BodyTruncated, Bytes: []byte("{")}, "{", authz.BodyTruncated},
		{"not UTF-8", authz.Body{State: authz.BodyWhole, Bytes: []byte{0xff}}, "", authz.BodyTruncated},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			attributes := request(false)
			attributes.Request.Body = test.body
			got := inputOf(t, scene{accept: [][]*authz.Configured{group(byHost())}}, attributes).Request
			if got.Body != test.text || got.BodyState != test.state {
				t.Errorf("got %q %v, want %q %v", got.Body, got.BodyState, test.text, test.state)
			}
		})
	}
}

// Both encodings show a policy the same. Guard: the joining in inputHeaders.
func TestInputJoinsRepeatedHeaders(t *testing.T) {
	t.Parallel()
	s := scene{accept: [][]*authz.Configured{group(byHost())}}
	raw := inputOf(t, s, request(false, header("accept", "a"), header("accept", "b\xff"))).Request.Headers
	joined := inputOf(t, s, request(true, header("accept", "a,b!"))).Request.Headers
	if diff := cmp.Diff(raw, joined); diff != "" {
		t.Errorf("headers (-raw +joined):\n%s", diff)
	}
}

// Guards: Format, MarshalText and LogValue of Secret.
func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	secret := authz.NewSecret("hunter2")
	encoded, err := json.Marshal(map[string]any{"credential": authz.Credential{Value: secret}})
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "secret", secret)
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x %d", secret, secret, secret, secret, secret, secret, secret),
		fmt.Sprintf("%+v %#v", authz.Credential{Value: secret}, authz.Credential{Value: secret}),
		string(encoded), logged.String(),
	} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") {
			t.Errorf("printed: %s", text)
		}
	}
	if secret.Reveal() != "hunter2" || (authz.Secret{}).Reveal() != "" {
		t.Error("Reveal does not give the text")
	}
}
