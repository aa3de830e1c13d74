package envoy

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
)

// encode gives the bytes of the answer, or an error where the answer must not
// be sent as the verdict has it. One verdict has one encoding, whether it is told
// from memory or anew.
func encode(e *authz.Event) (reply, error) {
	to := clientOf(e.Attributes)
	if answer, ok := retell(e, to); ok {
		return answer, nil
	}
	response, err := newResponse(e)
	if err != nil {
		return nil, err
	}
	if err := sound(response, e.Verdict.Effect, to); err != nil {
		return nil, fmt.Errorf("check response: %w", err)
	}
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(response)
	if err != nil {
		return nil, fmt.Errorf("encode response: %w", err)
	}
	prepare(e, to, bytes)
	return bytes, nil
}

func newResponse(e *authz.Event) (*authv3.CheckResponse, error) {
	metadata, err := dynamicMetadata(e)
	if err != nil {
		return nil, fmt.Errorf("tell the proxy's metadata: %w", err)
	}
	response := &authv3.CheckResponse{DynamicMetadata: metadata}
	switch e.Verdict.Effect {
	case authz.Allow:
		allow(response, e.Verdict, clientOf(e.Attributes))
		return response, nil
	case authz.Deny:
		deny(response, e.Verdict, clientOf(e.Attributes))
		return response, nil
	default:
		return nil, fmt.Errorf("effect %d is unknown", e.Verdict.Effect)
	}
}

// allow fills in an allow. Pseudo headers and queries are never changed.
func allow(response *authv3.CheckResponse, v authz.Verdict, to client) {
	response.Status = &rpcstatus.Status{Code: int32(codes.OK)}
	if to == clientConnection {
		return
	}
	ok := &authv3.OkHttpResponse{HeadersToRemove: v.Remove}
	for _, h := range v.Upstream {
		ok.Headers = append(ok.Headers, overwrite(h))
	}
	for _, h := range v.Headers {
		ok.ResponseHeadersToAdd = append(ok.ResponseHeadersToAdd, addToResponse(h))
	}
	response.HttpResponse = &authv3.CheckResponse_OkResponse{OkResponse: ok}
}

// deny fills in a denial. The status message is the stable code and no more:
// some clients pass it on.
func deny(response *authv3.CheckResponse, v authz.Verdict, to client) {
	reason, status := reasonOf(v), statusOf(v)
	response.Status = &rpcstatus.Status{Code: int32(codeOf(status)), Message: string(reason)}
	if to == clientConnection {
		return
	}
	denied := &authv3.DeniedHttpResponse{Status: &typev3.HttpStatus{Code: typev3.StatusCode(status)}}
	for _, h := range deniedHeaders(v, to) {
		denied.Headers = append(denied.Headers, addToDenial(h))
	}
	if to == clientHTTP {
		denied.Body = v.Body
	}
	response.HttpResponse = &authv3.CheckResponse_DeniedResponse{DeniedResponse: denied}
}

// reasonOf and statusOf take the zero verdict for "nobody can tell".
func reasonOf(v authz.Verdict) authz.Reason {
	if v.Reason.Known() {
		return v.Reason
	}
	return authz.Unavailable
}

func statusOf(v authz.Verdict) int {
	if v.Status != 0 {
		return v.Status
	}
	return reasonOf(v).Status()
}

// deniedHeaders leaves out of a gRPC client's denial what would spoil it: Envoy
// lets our headers replace its content-type and its grpc-status. Behind Envoy
// the code travels as headers; gRPC's own client takes it from the status and
// refuses a response that names one.
func deniedHeaders(v authz.Verdict, to client) []authz.Header {
	if to == clientHTTP {
		return v.Headers
	}
	var headers []authz.Header
	for _, h := range v.Headers {
		if h.Name != "content-type" && !strings.HasPrefix(h.Name, grpcPrefix) {
			headers = append(headers, h)
		}
	}
	if to == clientGRPC {
		headers = append(headers,
			authz.Header{Name: "grpc-status", Value: strconv.Itoa(int(codeOf(statusOf(v))))},
			authz.Header{Name: "grpc-message", Value: string(reasonOf(v))})
	}
	return headers
}

const grpcPrefix = "grpc-"

// codeOf is the gRPC code of a denial. It is never OK, which would allow.
func codeOf(status int) codes.Code {
	switch status {
	case http.StatusBadRequest:
		return codes.InvalidArgument
	case http.StatusUnauthorized:
		return codes.Unauthenticated
	case http.StatusTooManyRequests:
		return codes.ResourceExhausted
	case http.StatusServiceUnavailable:
		return codes.Unavailable
	default:
		return codes.PermissionDenied
	}
}
