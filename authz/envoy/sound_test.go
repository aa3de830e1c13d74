package envoy_test

import (
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// Each verdict goes red without the guard of sound.go, metadata.go or
// response.go that the name ends in.
func TestVerdictsThatAreNotSent(t *testing.T) {
	upstream := func(name, value string) authz.Verdict {
		return authz.Verdict{Effect: authz.Allow, Upstream: []authz.Header{{Name: name, Value: value}}}
	}
	tests := []struct {
		name    string
		verdict authz.Verdict
	}{
		{"pseudo header: IsHeaderName", upstream(":path", "/admin")},
		{"empty name: IsHeaderName", upstream("", "v")},
		{"upper case: IsHeaderName", upstream("X-A", "v")},
		{"name with a line end: IsHeaderName", upstream("x-a\r\ny", "v")},
		{"content-length: isFraming", upstream("content-length", "5")},
		{"transfer-encoding: isFraming", upstream("transfer-encoding", "chunked")},
		{"host: isFraming", upstream("host", "evil")},
		{"connection: isFraming", upstream("connection", "x-authz-subject")},
		{"value with a line end: soundHeader", upstream("x-a", "v\r\nx-b: w")},
		{"value with NUL: soundHeader", upstream("x-a", "v\x00")},
		{"value that is not UTF-8: soundHeader, Marshal", upstream("x-a", "\xff")},
		{"set and removed: soundAllow", authz.Verdict{Effect: authz.Allow, Upstream: []authz.Header{{Name: "x-a", Value: "v"}}, Remove: []string{"x-a"}}},
		{"removed framing: soundRemovals", authz.Verdict{Effect: authz.Allow, Remove: []string{"transfer-encoding"}}},
		{"response header with framing: soundAllow", authz.Verdict{Effect: authz.Allow, Headers: []authz.Header{{Name: "content-length", Value: "5"}}}},
		{"response status: soundAllow", authz.Verdict{Effect: authz.Allow, Headers: []authz.Header{{Name: ":status", Value: "200"}}}},
		{"status below 200: soundDenial", authz.Verdict{Status: 100}},
		{"status above 599: soundDenial", authz.Verdict{Status: 999}},
		{"negative status: soundDenial", authz.Verdict{Status: -5}},
		{"body with 204: soundDenial", authz.Verdict{Status: 204, Body: "b"}},
		{"body with 304: soundDenial", authz.Verdict{Status: 304, Body: "b"}},
		{"denial header with framing: soundDenial", authz.Verdict{Headers: []authz.Header{{Name: "content-length", Value: "5"}}}},
		{"body that is not UTF-8: Marshal", authz.Verdict{Body: "\xff"}},
		{"an effect that we do not know: newResponse", authz.Verdict{Effect: 7}},
		{"metadata that is no JSON: NewStruct", authz.Verdict{Effect: authz.Allow, Metadata: map[string]any{"k": struct{}{}}}},
		{"metadata that is not UTF-8: NewStruct", authz.Verdict{Effect: authz.Allow, Metadata: map[string]any{"k": "\xff"}}},
		{"tenant that is not UTF-8: NewStruct", authz.Verdict{Effect: authz.Allow, Trail: authz.Trail{Tenant: "\xff"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if bytes, err := envoy.Encode(&authz.Event{Attributes: plain, Verdict: tt.verdict}); err == nil {
				t.Errorf("sent %q", bytes)
			}
		})
	}
}

func allowResponse() *authv3.CheckResponse {
	return &authv3.CheckResponse{
		Status: &rpcstatus.Status{},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{Headers: []*corev3.HeaderValueOption{{
			Header: &corev3.HeaderValue{Key: "x-a", Value: "v"}, Append: wrapperspb.Bool(false),
			AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
		}}}},
	}
}

func denialResponse() *authv3.CheckResponse {
	return &authv3.CheckResponse{
		Status: &rpcstatus.Status{Code: 7},
		HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{
			Status:  &typev3.HttpStatus{Code: 403},
			Headers: []*corev3.HeaderValueOption{{Header: &corev3.HeaderValue{Key: "x-a", Value: "v"}, Append: wrapperspb.Bool(false)}},
		}},
	}
}

// A response that some change of our own code would make wrong is not sent.
func TestSoundSeesThroughABrokenEncoder(t *testing.T) {
	allow, deny := authz.Allow, authz.Deny
	tests := []struct {
		name   string
		from   *authv3.CheckResponse
		effect authz.Effect
		change func(*authv3.CheckResponse)
	}{
		{"no status at all", allowResponse(), allow, func(r *authv3.CheckResponse) { r.Status = nil }},
		{"empty message for a denial", denialResponse(), deny, func(r *authv3.CheckResponse) { proto.Reset(r) }},
		{"code 0 for a denial", denialResponse(), deny, func(r *authv3.CheckResponse) { r.Status.Code = 0 }},
		{"allow for a denial", allowResponse(), deny, func(*authv3.CheckResponse) {}},
		{"denial for an allow", denialResponse(), allow, func(*authv3.CheckResponse) {}},
		{"allow without a response", allowResponse(), allow, func(r *authv3.CheckResponse) { r.HttpResponse = nil }},
		{"denial without a response", denialResponse(), deny, func(r *authv3.CheckResponse) { r.HttpResponse = nil }},
		{"error response", denialResponse(), deny, func(r *authv3.CheckResponse) {
			r.HttpResponse = &authv3.CheckResponse_ErrorResponse{ErrorResponse: &authv3.DeniedHttpResponse{}}
		}},
		{"metadata that overrides ours", allowResponse(), allow, func(r *authv3.CheckResponse) { r.GetOkResponse().DynamicMetadata = &structpb.Struct{} }},
		{"query removed", allowResponse(), allow, func(r *authv3.CheckResponse) { r.GetOkResponse().QueryParametersToRemove = []string{"a"} }},
		{"query set", allowResponse(), allow, func(r *authv3.CheckResponse) {
			r.GetOkResponse().QueryParametersToSet = []*corev3.QueryParameter{{Key: "a"}}
		}},
		{"append unset", allowResponse(), allow, func(r *authv3.CheckResponse) { r.GetOkResponse().Headers[0].Append = nil }},
		{"append", allowResponse(), allow, func(r *authv3.CheckResponse) { r.GetOkResponse().Headers[0].Append = wrapperspb.Bool(true) }},
		{"append action unset", allowResponse(), allow, func(r *authv3.CheckResponse) { r.GetOkResponse().Headers[0].AppendAction = 0 }},
		{"raw value, which reads as empty", allowResponse(), allow, func(r *authv3.CheckResponse) { r.GetOkResponse().Headers[0].Header.RawValue = []byte("v") }},
		{"value that is not UTF-8: soundHeader", allowResponse(), allow, func(r *authv3.CheckResponse) { r.GetOkResponse().Headers[0].Header.Value = "\xff" }},
		{"append to a denial", denialResponse(), deny, func(r *authv3.CheckResponse) { r.GetDeniedResponse().Headers[0].Append = wrapperspb.Bool(true) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.change(tt.from)
			if err := envoy.Sound(tt.from, tt.effect, envoy.ClientHTTP); err == nil {
				t.Errorf("sound: %v", tt.from)
			}
		})
	}
	for _, r := range []struct {
		response *authv3.CheckResponse
		effect   authz.Effect
	}{{allowResponse(), allow}, {denialResponse(), deny}} {
		if err := envoy.Sound(r.response, r.effect, envoy.ClientHTTP); err != nil {
			t.Errorf("the response unchanged: %v", err)
		}
		if err := envoy.Sound(r.response, r.effect, envoy.ClientConnection); err == nil {
			t.Error("an HTTP response to a connection")
		}
	}
}
