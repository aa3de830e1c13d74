package envoy_test

import (
	"fmt"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

var (
	plain      = &authz.Attributes{Request: &authz.Request{Path: "/"}}
	mesh       = &authz.Attributes{Request: &authz.Request{Path: "/s/m", Mesh: true, Headers: grpcHeaders("application/grpc")}}
	grpcCall   = &authz.Attributes{Request: &authz.Request{Path: "/s/m", Headers: grpcHeaders("application/grpc+proto")}}
	grpcWeb    = &authz.Attributes{Request: &authz.Request{Path: "/s/m", Headers: grpcHeaders("application/grpc-web")}}
	connection = &authz.Attributes{}
)

func grpcHeaders(contentType string) authz.Headers {
	return authz.Headers{List: []authz.Header{{Name: "content-type", Value: contentType}}}
}

func answer(t testing.TB, a *authz.Attributes, v authz.Verdict) *authv3.CheckResponse {
	t.Helper()
	bytes, err := envoy.Encode(&authz.Event{DecisionID: "d1", Attributes: a, Verdict: v})
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, bytes)
}

// shown writes a header option in one line.
func shown(options []*corev3.HeaderValueOption) []string {
	var lines []string
	for _, h := range options {
		lines = append(lines, fmt.Sprintf("%s=%s append=%v action=%s",
			h.GetHeader().GetKey(), h.GetHeader().GetValue(), h.GetAppend().GetValue(), h.GetAppendAction()))
	}
	return lines
}

// Trap 3 of the contract: both fields are set, because each reader looks at one
// of them and their defaults differ. The guard is option.
func TestAllowSetsBothWordsOnAppending(t *testing.T) {
	r := answer(t, plain, authz.Verdict{
		Effect:   authz.Allow,
		Upstream: []authz.Header{{Name: "x-authz-subject", Value: "u"}},
		Remove:   []string{"authorization"},
		Headers:  []authz.Header{{Name: "x-limit", Value: "9"}, {Name: "set-cookie", Value: "a=1"}},
	})
	if r.GetStatus() == nil || r.GetStatus().GetCode() != 0 || r.GetOkResponse() == nil {
		t.Fatalf("got %v", r)
	}
	got := shown(append(r.GetOkResponse().GetHeaders(), r.GetOkResponse().GetResponseHeadersToAdd()...))
	want := []string{
		"x-authz-subject=u append=false action=OVERWRITE_IF_EXISTS_OR_ADD",
		"x-limit=9 append=false action=OVERWRITE_IF_EXISTS_OR_ADD",
		"set-cookie=a=1 append=true action=APPEND_IF_EXISTS_OR_ADD",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
	if r.GetOkResponse().GetHeaders()[0].GetAppend() == nil {
		t.Error("append is unset")
	}
	if diff := cmp.Diff(r.GetOkResponse().GetHeadersToRemove(), []string{"authorization"}); diff != "" {
		t.Error(diff)
	}
}

// The status is never 0 for a denial (trap 1): the guard is codeOf's default.
func TestDenials(t *testing.T) {
	headers := []authz.Header{{Name: "content-type", Value: "application/json"}, {Name: "set-cookie", Value: "a=1"}, {Name: "grpc-status", Value: "0"}}
	tests := []struct {
		name    string
		to      *authz.Attributes
		verdict authz.Verdict
		want    string
	}{
		{"the zero verdict", plain, authz.Verdict{}, "14 unavailable 503 []  "},
		{"an unknown reason", plain, authz.Verdict{Reason: "new", Status: 403}, "7 unavailable 403 []  "},
		{"no status of its own", plain, authz.Verdict{Reason: authz.Unauthenticated}, "16 unauthenticated 401 []  "},
		{"malformed", plain, authz.Verdict{Reason: authz.Malformed, Status: 400, Body: "b"}, "3 malformed 400 []  b"},
		{"throttled", plain, authz.Verdict{Reason: authz.Throttled, Status: 429}, "8 throttled 429 []  "},
		{"a redirect", plain, authz.Verdict{Reason: authz.Unauthenticated, Status: 302}, "7 unauthenticated 302 []  "},
		{"to HTTP", plain, authz.Verdict{Reason: authz.OutOfScope, Status: 403, Headers: headers, Body: "b"}, "7 scope 403 [content-type=application/json set-cookie=a=1 grpc-status=0]  b"},
		{"to gRPC-Web, which reads HTTP", grpcWeb, authz.Verdict{Reason: authz.OutOfScope, Status: 403, Body: "b"}, "7 scope 403 []  b"},
		{"to gRPC behind Envoy", grpcCall, authz.Verdict{Reason: authz.OutOfScope, Status: 403, Headers: headers, Body: "b"}, "7 scope 403 [set-cookie=a=1 grpc-status=7 grpc-message=scope]  "},
		{"to gRPC's own client", mesh, authz.Verdict{Reason: authz.OutOfScope, Status: 403, Headers: headers, Body: "b"}, "7 scope 403 [set-cookie=a=1]  "},
		{"to the network filter", connection, authz.Verdict{Reason: authz.NoRoute, Status: 403, Body: "b"}, "7 no_route none"},
		{"to what could not be read", nil, authz.Verdict{Reason: authz.Malformed, Status: 400, Body: "b"}, "3 malformed 400 []  b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := denialOf(answer(t, tt.to, tt.verdict)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func denialOf(r *authv3.CheckResponse) string {
	head := fmt.Sprintf("%d %s ", r.GetStatus().GetCode(), r.GetStatus().GetMessage())
	if r.GetHttpResponse() == nil {
		return head + "none"
	}
	denied := r.GetDeniedResponse()
	var headers []string
	for _, h := range denied.GetHeaders() {
		headers = append(headers, h.GetHeader().GetKey()+"="+h.GetHeader().GetValue())
	}
	return fmt.Sprintf("%s%d %v  %s", head, denied.GetStatus().GetCode(), headers, denied.GetBody())
}

// No Envoy filter appends to a denial: it drops such headers.
func TestDenialsNeverAppend(t *testing.T) {
	r := answer(t, plain, authz.Verdict{Headers: []authz.Header{{Name: "set-cookie", Value: "a=1"}, {Name: "set-cookie", Value: "b=2"}}})
	want := []string{
		"set-cookie=a=1 append=false action=APPEND_IF_EXISTS_OR_ADD",
		"set-cookie=b=2 append=false action=APPEND_IF_EXISTS_OR_ADD",
	}
	if diff := cmp.Diff(shown(r.GetDeniedResponse().GetHeaders()), want); diff != "" {
		t.Error(diff)
	}
}

func TestAllowOfAConnection(t *testing.T) {
	r := answer(t, connection, authz.Verdict{Effect: authz.Allow, Upstream: []authz.Header{{Name: "x-authz-subject", Value: "u"}}})
	if r.GetStatus() == nil || r.GetStatus().GetCode() != 0 || r.GetHttpResponse() != nil {
		t.Errorf("got %v", r)
	}
}

func TestDynamicMetadata(t *testing.T) {
	verdict := authz.Verdict{
		Effect: authz.Deny, Reason: authz.OutOfScope, Status: 403, Metadata: map[string]any{"k": []any{"v", 1.0}},
		Trail: authz.Trail{Route: &authz.Route{ID: "r1"}, Tenant: "t1", Caller: authz.Caller{
			Authenticator: "keys", Kind: "apikey", Subject: "s", Tenant: "t1", Role: "admin", Scopes: []string{"a", "b"},
			User: "u", TokenID: "i", Claims: map[string]any{"email": "not shown"},
		}},
	}
	want := map[string]any{
		"decision_id": "d1", "effect": "deny", "reason": "scope", "status": 403.0, "route": "r1", "tenant": "t1",
		"caller": map[string]any{
			"authenticator": "keys", "kind": "apikey", "subject": "s", "tenant": "t1", "role": "admin",
			"scopes": []any{"a", "b"}, "user": "u", "token_id": "i",
		},
		"policy": map[string]any{"k": []any{"v", 1.0}},
	}
	if diff := cmp.Diff(answer(t, plain, verdict).GetDynamicMetadata().AsMap(), want); diff != "" {
		t.Error(diff)
	}
	verdict.Effect = authz.Allow
	delete(want, "reason")
	delete(want, "status")
	want["effect"] = "allow"
	if diff := cmp.Diff(answer(t, plain, verdict).GetDynamicMetadata().AsMap(), want); diff != "" {
		t.Error(diff)
	}
}

// Whatever a forged request carries, the upstream reads our identity headers
// and no others. The guards are overwrite and soundAllow's rule on set and
// removed names.
func TestUpstreamSeesOnlyOurIdentity(t *testing.T) {
	for name, pep := range map[string]struct {
		apply      proxy
		attributes *authz.Attributes
	}{"Envoy": {envoyProxy, plain}, "gRPC": {meshProxy, mesh}} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				names := rapid.SampledFrom([]string{"x-authz-subject", "x-authz-tenant", "x-authz-role", "X-Authz-Role", "x-authz-other", "authorization"})
				value := rapid.SampledFrom([]string{"evil", "evil,evil", ""})
				var forged []authz.Header
				for range rapid.IntRange(0, 6).Draw(t, "lines") {
					forged = append(forged, authz.Header{Name: names.Draw(t, "name"), Value: value.Draw(t, "value")})
				}
				verdict := authz.Verdict{Effect: authz.Allow, Remove: []string{"authorization", "x-authz-other", "x-authz-role"}}
				verdict.Upstream = []authz.Header{{Name: "x-authz-subject", Value: "s"}, {Name: "x-authz-tenant", Value: "t"}}
				bytes, err := envoy.Encode(&authz.Event{Attributes: pep.attributes, Verdict: verdict})
				if err != nil {
					t.Fatal(err)
				}
				response := &authv3.CheckResponse{}
				if err := proto.Unmarshal(bytes, response); err != nil {
					t.Fatal(err)
				}
				got, through := pep.apply(forged, response)
				if diff := cmp.Diff(got, verdict.Upstream); diff != "" || !through {
					t.Errorf("through %v: %s", through, diff)
				}
			})
		})
	}
}

// A response that gRPC's own client would not take is none that we send: its
// call would fail, and may then be let through.
func TestMeshGetsOnlyWhatItTakes(t *testing.T) {
	for name, header := range map[string]authz.Header{
		"gRPC's own": {Name: "grpc-status", Value: "0"}, "long": {Name: "x-long", Value: strings.Repeat("a", 16385)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range []authz.Verdict{
				{Effect: authz.Allow, Upstream: []authz.Header{header}}, {Effect: authz.Allow, Headers: []authz.Header{header}},
			} {
				if _, err := envoy.Encode(&authz.Event{Attributes: mesh, Verdict: v}); err == nil {
					t.Error("sent")
				}
			}
		})
	}
}
