package envoy

import (
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sallyport-authz/sallyport/authz"
)

// setCookie is the one response header that may appear several times without
// being one list (RFC 6265 section 3).
const setCookie = "set-cookie"

// option sets both fields that say how a header is added: for requests and
// denials Envoy reads append alone, gRPC's own client append_action alone, and
// unset means overwrite to the one and append to the other.
func option(h authz.Header, appended bool, action corev3.HeaderValueOption_HeaderAppendAction) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: h.Name, Value: h.Value},
		Append:       wrapperspb.Bool(appended),
		AppendAction: action,
	}
}

// overwrite takes the place of every header of the name, a client's forged one
// above all.
func overwrite(h authz.Header) *corev3.HeaderValueOption {
	return option(h, false, corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD)
}

// addToResponse is for the upstream's response, whose cookies stay.
func addToResponse(h authz.Header) *corev3.HeaderValueOption {
	if h.Name == setCookie {
		return option(h, true, corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD)
	}
	return overwrite(h)
}

// addToDenial never appends: Envoy drops such headers of a denial, and keeps
// several of one name without it.
func addToDenial(h authz.Header) *corev3.HeaderValueOption {
	if h.Name == setCookie {
		return option(h, false, corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD)
	}
	return overwrite(h)
}
