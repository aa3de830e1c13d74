package envoy

import (
	"fmt"
	"strings"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
)

// secureExtension is the context extension by which an operator's route
// configuration says that the listener speaks TLS.
const secureExtension = "tls"

// reader turns frames into attributes. What it gives holds copies only.
type reader struct {
	trustScheme     bool
	maxRequestBytes int
}

// longest is what an honest proxy's message holds at most while it is being
// read: the body, and as much beside it as one stream's window takes.
func (r reader) longest() int64 { return int64(r.maxRequestBytes) + streamWindow }

// read gives attributes, or an error that wraps authz.ErrAmbiguous: one of the
// two is always nil.
func (r reader) read(message []byte) (*authz.Attributes, error) {
	var request authv3.CheckRequest
	if err := proto.Unmarshal(message, &request); err != nil {
		return nil, ambiguous("check request does not decode")
	}
	return r.attributes(request.GetAttributes())
}

func ambiguous(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{authz.ErrAmbiguous}, args...)...)
}

// attributes reads a context. The network filter sends source or destination
// and no request; nobody sends neither.
func (r reader) attributes(from *authv3.AttributeContext) (*authz.Attributes, error) {
	a := &authz.Attributes{
		Peer:          peer(from.GetSource()),
		Local:         peer(from.GetDestination()),
		Extensions:    from.GetContextExtensions(),
		Metadata:      namespaces(from.GetMetadataContext()),
		RouteMetadata: namespaces(from.GetRouteMetadataContext()),
	}
	a.Peer.SNI = canonicalSNI(from.GetTlsSession().GetSni())
	switch {
	case from.GetRequest() == nil && from.GetSource() == nil && from.GetDestination() == nil:
		return nil, ambiguous("neither request nor connection")
	case from.GetRequest() == nil:
		if a.Peer.SNI == "" {
			a.Peer.SNI = canonicalSNI(from.GetDestination().GetService())
		}
		return a, nil
	case from.GetRequest().GetHttp() == nil:
		return nil, ambiguous("request is not HTTP")
	default:
		request, err := r.request(from.GetRequest())
		if err != nil {
			return nil, err
		}
		request.Secure = r.secure(request.Scheme, a.Extensions)
		a.Request = request
		return a, nil
	}
}

// secure goes by what the operator controls: a context extension, or the word
// that this listener's proxies overwrite the scheme. A client can set it else.
func (r reader) secure(scheme string, extensions map[string]string) bool {
	return r.trustScheme && scheme == "https" || extensions[secureExtension] == "true"
}

func (r reader) request(from *authv3.AttributeContext_Request) (*authz.Request, error) {
	http := from.GetHttp()
	if err := refuseSplitPath(http); err != nil {
		return nil, err
	}
	host, err := authz.ParseHost(http.GetHost())
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	headers, err := readHeaders(http)
	if err != nil {
		return nil, err
	}
	body, err := r.body(http, headers)
	if err != nil {
		return nil, err
	}
	request := &authz.Request{
		ID: http.GetId(), Method: http.GetMethod(), Scheme: http.GetScheme(), Host: host,
		Path: http.GetPath(), Protocol: http.GetProtocol(), Headers: headers, Body: body,
		Mesh: http.GetSize() == meshSize,
	}
	if from.GetTime().IsValid() {
		request.Time = from.GetTime().AsTime()
	}
	return request, nil
}

// meshSize is the size that gRPC's own client sends (gRFC A92) and Envoy never.
const meshSize = -1

// refuseSplitPath refuses a query or a fragment beside the path. Envoy leaves
// both fields empty; a proxy that fills the query must mean the path's own.
func refuseSplitPath(http *authv3.AttributeContext_HttpRequest) error {
	_, query, _ := strings.Cut(http.GetPath(), "?")
	if http.GetQuery() != "" && http.GetQuery() != query {
		return ambiguous("query differs from the path's")
	}
	if http.GetFragment() != "" {
		return ambiguous("request has a fragment")
	}
	return nil
}
