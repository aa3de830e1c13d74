package envoy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/codes"

	"github.com/sallyport-authz/sallyport/authz"
)

// sound looks at an answer once more before it is sent. It trusts nothing that
// was checked before: a response that leaves here with code 0 stands for an
// allow, and none holds what Envoy would pass on unchecked.
func sound(r *authv3.CheckResponse, effect authz.Effect, to client) error {
	if r.GetStatus() == nil {
		return errors.New("no status, which Envoy takes for an allow")
	}
	allowed := r.GetStatus().GetCode() == int32(codes.OK)
	switch {
	case allowed != (effect == authz.Allow):
		return fmt.Errorf("code %d for the effect %s", r.GetStatus().GetCode(), effect)
	case r.GetOkResponse().GetDynamicMetadata() != nil || r.GetErrorResponse() != nil:
		return errors.New("a field that we never send")
	case to == clientConnection:
		return soundConnection(r)
	case allowed:
		return soundAllow(r.GetOkResponse(), to)
	default:
		return soundDenial(r.GetDeniedResponse(), to)
	}
}

func soundConnection(r *authv3.CheckResponse) error {
	if r.GetHttpResponse() != nil {
		return errors.New("an HTTP response to a connection")
	}
	return nil
}

func soundAllow(ok *authv3.OkHttpResponse, to client) error {
	if ok == nil {
		return errors.New("an allow without what goes upstream")
	}
	if len(ok.GetQueryParametersToSet()) > 0 || len(ok.GetQueryParametersToRemove()) > 0 {
		return errors.New("a change of the query, which Envoy makes without decoding")
	}
	for _, h := range ok.GetHeaders() {
		if err := soundOverwrite(h, to); err != nil {
			return err
		}
		if slices.Contains(ok.GetHeadersToRemove(), h.GetHeader().GetKey()) {
			return fmt.Errorf("header %q is set and removed: Envoy would remove it", h.GetHeader().GetKey())
		}
	}
	for _, h := range ok.GetResponseHeadersToAdd() {
		if err := soundHeader(h.GetHeader(), to); err != nil {
			return err
		}
	}
	return soundRemovals(ok.GetHeadersToRemove(), to)
}

func soundOverwrite(h *corev3.HeaderValueOption, to client) error {
	const overwriting = corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD
	if h.GetAppend() == nil || h.GetAppend().GetValue() || h.GetAppendAction() != overwriting {
		return fmt.Errorf("header %q would stand beside a forged one", h.GetHeader().GetKey())
	}
	return soundHeader(h.GetHeader(), to)
}

// soundRemovals lets proxy-authorization go: it may be a carrier.
func soundRemovals(names []string, to client) error {
	for _, name := range names {
		err := soundHeader(&corev3.HeaderValue{Key: name}, to)
		if err != nil && name != "proxy-authorization" {
			return err
		}
	}
	return nil
}

func soundDenial(denied *authv3.DeniedHttpResponse, to client) error {
	if denied == nil {
		return errors.New("a denial without a response")
	}
	if err := authz.SendableStatus(int(denied.GetStatus().GetCode()), denied.GetBody()); err != nil {
		return err
	}
	for _, h := range denied.GetHeaders() {
		if h.GetAppend() == nil || h.GetAppend().GetValue() {
			return fmt.Errorf("header %q appended to a denial: Envoy would drop it", h.GetHeader().GetKey())
		}
		if err := soundHeader(h.GetHeader(), to); err != nil {
			return err
		}
	}
	return nil
}

func soundHeader(h *corev3.HeaderValue, to client) error {
	switch {
	case len(h.GetRawValue()) > 0:
		return fmt.Errorf("header %q as raw value, which Envoy does not read", h.GetKey())
	case to == clientMesh && len(h.GetValue()) > longestMeshValue:
		return fmt.Errorf("header %q is longer than gRPC takes", h.GetKey())
	case to == clientMesh && strings.HasPrefix(h.GetKey(), grpcPrefix):
		return fmt.Errorf("header %q is gRPC's own", h.GetKey())
	default:
		return authz.Sendable(authz.Header{Name: h.GetKey(), Value: h.GetValue()})
	}
}

// longestMeshValue is gRFC A92's limit: a longer value fails the whole call.
const longestMeshValue = 16384
