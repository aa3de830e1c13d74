package envoy

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
)

// secureExtension is the context extension by which an operator's route
// configuration says that the listener speaks TLS.
const secureExtension = "tls"

// reader turns frames into attributes. What it gives holds copies only.
type reader struct {
	trustScheme     bool
	trustedHops     int
	maxRequestBytes int
}

// longest is what an honest proxy's message holds at most while it is being
// read: the body, and as much beside it as one stream's window takes.
func (r reader) longest() int64 { return int64(r.maxRequestBytes) + streamWindow }

// read gives attributes, or an error that wraps authz.ErrAmbiguous: one of the
// two is always nil.
func (r reader) read(message []byte) (*authz.Attributes, error) {
	v, err := look(message)
	if err != nil {
		return nil, err
	}
	return r.attributes(&v)
}

func ambiguous(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{authz.ErrAmbiguous}, args...)...)
}

// attributes says what a view means. The network filter sends source or
// destination and no request; nobody sends neither.
func (r reader) attributes(from *view) (*authz.Attributes, error) {
	a := &authz.Attributes{
		Peer: from.source.peer, Local: from.destination.peer, TrustedHops: r.trustedHops,
		Extensions: from.extensions, Metadata: from.metadata, RouteMetadata: from.routeMetadata,
	}
	a.Peer.SNI = canonicalSNI(from.sni)
	switch {
	case !from.request && !from.source.there && !from.destination.there:
		return nil, ambiguous("neither request nor connection")
	case !from.request:
		if a.Peer.SNI == "" {
			a.Peer.SNI = canonicalSNI(from.destination.service)
		}
		return a, nil
	case !from.http:
		return nil, ambiguous("request is not HTTP")
	default:
		request, err := r.request(from)
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

func (r reader) request(from *view) (*authz.Request, error) {
	if err := refuseSplitPath(from); err != nil {
		return nil, err
	}
	host, err := authz.ParseHost(from.asked.host)
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	headers, err := readHeaders(from)
	if err != nil {
		return nil, err
	}
	body, err := r.body(from, headers)
	if err != nil {
		return nil, err
	}
	return &authz.Request{
		ID: from.asked.id, Time: from.time(), Method: from.asked.method, Scheme: from.asked.scheme, Host: host,
		Path: from.asked.path, Protocol: from.asked.protocol, Headers: headers, Body: body,
		Mesh: from.asked.size == meshSize,
	}, nil
}

// time is zero where there is none that a clock could show.
func (v *view) time() time.Time {
	at := timestamppb.Timestamp{Seconds: v.seconds, Nanos: v.nanos}
	if !v.timed || !at.IsValid() {
		return time.Time{}
	}
	return at.AsTime()
}

// meshSize is the size that gRPC's own client sends (gRFC A92) and Envoy never.
const meshSize = -1

// refuseSplitPath refuses a query or a fragment beside the path. Envoy leaves
// both fields empty; a proxy that fills the query must mean the path's own.
func refuseSplitPath(from *view) error {
	_, query, _ := strings.Cut(from.asked.path, "?")
	if from.query != "" && from.query != query {
		return ambiguous("query differs from the path's")
	}
	if from.fragment != "" {
		return ambiguous("request has a fragment")
	}
	return nil
}
