package main

import (
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

func allow() *authv3.CheckResponse {
	return &authv3.CheckResponse{
		Status:       &rpcstatus.Status{},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{}},
	}
}

func deny() *authv3.CheckResponse {
	return &authv3.CheckResponse{
		Status:       &rpcstatus.Status{Code: 7},
		HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{Status: &typev3.HttpStatus{Code: 403}}},
	}
}

// A judge that cannot find anything proves nothing. Each row names the rule of
// judge or entitled that it goes green without.
func TestJudgeFindsWhatIsWrong(t *testing.T) {
	good := func(change func(*authv3.AttributeContext_HttpRequest)) *authv3.CheckRequest {
		http := &authv3.AttributeContext_HttpRequest{
			Method: "GET", Path: thePath, Host: theHost, Headers: map[string]string{keyHeader: theKey},
		}
		change(http)
		return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{Request: &authv3.AttributeContext_Request{Http: http}}}
	}
	nothing := func(*authv3.AttributeContext_HttpRequest) {}
	tests := []struct {
		name     string
		request  *authv3.CheckRequest
		response *authv3.CheckResponse
		sound    bool
	}{
		{"allow of the key on its route", good(nothing), allow(), true},
		{"denial of it", good(nothing), deny(), true},
		{"no status", good(nothing), &authv3.CheckResponse{}, false},
		{"code 0 with a denial", good(nothing), &authv3.CheckResponse{Status: &rpcstatus.Status{}, HttpResponse: deny().HttpResponse}, false},
		{"denial with an OK response", good(nothing), &authv3.CheckResponse{Status: &rpcstatus.Status{Code: 7}, HttpResponse: allow().HttpResponse}, false},
		{"error response", good(nothing), &authv3.CheckResponse{
			Status: &rpcstatus.Status{Code: 14}, HttpResponse: &authv3.CheckResponse_ErrorResponse{ErrorResponse: &authv3.DeniedHttpResponse{}},
		}, false},
		{"no request", &authv3.CheckRequest{}, allow(), false},
		{"no key", good(func(h *authv3.AttributeContext_HttpRequest) { h.Headers = nil }), allow(), false},
		{"other key", good(func(h *authv3.AttributeContext_HttpRequest) { h.Headers[keyHeader] = "pk_other" }), allow(), false},
		{"two keys", good(func(h *authv3.AttributeContext_HttpRequest) { h.Headers["X-Api-Key"] = theKey }), allow(), false},
		{"method", good(func(h *authv3.AttributeContext_HttpRequest) { h.Method = "POST" }), allow(), false},
		{"path", good(func(h *authv3.AttributeContext_HttpRequest) { h.Path = "/v1/x/../orders" }), allow(), false},
		{"host", good(func(h *authv3.AttributeContext_HttpRequest) { h.Host = "evil.example" }), allow(), false},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			message, err := proto.Marshal(c.request)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := proto.Marshal(c.response)
			if err != nil {
				t.Fatal(err)
			}
			if err := judge(message, answer); (err == nil) != c.sound {
				t.Errorf("got %v", err)
			}
		})
	}
	answer, err := proto.Marshal(allow())
	if err != nil {
		t.Fatal(err)
	}
	if judge([]byte{0xff}, answer) == nil {
		t.Error("an allow of what does not decode passed")
	}
	if judge(nil, []byte{0xff}) == nil {
		t.Error("an answer that does not decode passed")
	}
}

// A campaign that is denied at the door proves little: some frames of every
// stretch are allowed, some are not.
func TestHostileFramesReachTheEnd(t *testing.T) {
	server, err := newFrameServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	allowed := 0
	for step := range uint64(200) {
		message, err := newMutator(random(1, step)).message()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.ask(t.Context(), message)
		if err != nil {
			t.Fatal(err)
		}
		var response authv3.CheckResponse
		if err := proto.Unmarshal(answer, &response); err != nil {
			t.Fatal(err)
		}
		if response.GetOkResponse() != nil {
			allowed++
		}
	}
	if allowed < 5 || allowed > 150 {
		t.Errorf("%d of 200 were allowed", allowed)
	}
	if err := server.close(); err != nil {
		t.Error(err)
	}
}
