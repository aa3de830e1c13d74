package envoy_test

import (
	"net/textproto"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"

	"github.com/sallyport-authz/sallyport/authz"
)

// proxy applies an answer to a request's headers and gives what the upstream
// sees, or false where it does not let the request through.
type proxy func([]authz.Header, *authv3.CheckResponse) ([]authz.Header, bool)

// envoyProxy: an unset status allows; append alone counts; all are set, then
// all appended to the first line of a name that is there, then all removed, but
// for host and pseudo headers.
func envoyProxy(headers []authz.Header, r *authv3.CheckResponse) ([]authz.Header, bool) {
	if r.GetStatus().GetCode() != 0 {
		return nil, false
	}
	ok := r.GetOkResponse()
	for _, h := range ok.GetHeaders() {
		if !h.GetAppend().GetValue() {
			headers = set(headers, h.GetHeader())
		}
	}
	for _, h := range ok.GetHeaders() {
		if i := line(headers, h.GetHeader().GetKey()); h.GetAppend().GetValue() && i >= 0 {
			headers = slices.Clone(headers)
			headers[i].Value += "," + h.GetHeader().GetValue()
		}
	}
	for _, name := range ok.GetHeadersToRemove() {
		if !strings.HasPrefix(name, ":") && !strings.EqualFold(name, "host") {
			headers = without(headers, name)
		}
	}
	return headers, true
}

// meshProxy is gRFC A92 with A102: append_action alone counts, its default
// appends, and one bad header fails the call.
func meshProxy(headers []authz.Header, r *authv3.CheckResponse) ([]authz.Header, bool) {
	if r.GetStatus().GetCode() != 0 || !meshTakes(r) {
		return nil, false
	}
	for _, h := range r.GetOkResponse().GetHeaders() {
		added := authz.Header{Name: h.GetHeader().GetKey(), Value: h.GetHeader().GetValue()}
		present := line(headers, added.Name) >= 0
		switch h.GetAppendAction() {
		case corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD:
			headers = append(slices.Clone(headers), added)
		case corev3.HeaderValueOption_ADD_IF_ABSENT:
			if !present {
				headers = append(slices.Clone(headers), added)
			}
		case corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD:
			headers = set(headers, h.GetHeader())
		case corev3.HeaderValueOption_OVERWRITE_IF_EXISTS:
			if present {
				headers = set(headers, h.GetHeader())
			}
		}
	}
	for _, name := range r.GetOkResponse().GetHeadersToRemove() {
		headers = without(headers, name)
	}
	return headers, true
}

// meshTakes reports whether gRPC takes the response for a valid one.
func meshTakes(r *authv3.CheckResponse) bool {
	all := slices.Concat(r.GetOkResponse().GetHeaders(), r.GetOkResponse().GetResponseHeadersToAdd(), r.GetDeniedResponse().GetHeaders())
	for _, h := range all {
		name := h.GetHeader().GetKey()
		if name == "" || name == "host" || name != strings.ToLower(name) || len(h.GetHeader().GetValue()) > 16384 ||
			strings.HasPrefix(name, ":") || strings.HasPrefix(name, "grpc-") {
			return false
		}
	}
	return true
}

func set(headers []authz.Header, h *corev3.HeaderValue) []authz.Header {
	return append(without(headers, h.GetKey()), authz.Header{Name: h.GetKey(), Value: h.GetValue()})
}

func without(headers []authz.Header, name string) []authz.Header {
	return slices.DeleteFunc(slices.Clone(headers), func(h authz.Header) bool { return sameName(h.Name, name) })
}

func line(headers []authz.Header, name string) int {
	return slices.IndexFunc(headers, func(h authz.Header) bool { return sameName(h.Name, name) })
}

func sameName(a, b string) bool {
	return textproto.CanonicalMIMEHeaderKey(a) == textproto.CanonicalMIMEHeaderKey(b)
}
