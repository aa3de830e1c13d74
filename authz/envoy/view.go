package envoy

import (
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
)

// view is what a message says, before anybody asks what it means. Nothing in it
// aliases the message; its texts may be cut from one copy of that, so that whoever
// keeps one for long copies it.
type view struct {
	source, destination end
	sni                 string
	// request and http tell whether those parts are there.
	request, http bool
	// timed tells an absent time from the first second of 1970.
	timed           bool
	seconds         int64
	nanos           int32
	asked           asked
	extensions      map[string]string
	metadata        map[string]any
	routeMetadata   map[string]any
	joined          []authz.Header
	raw             []rawHeader
	body            string
	rawBody         []byte
	query, fragment string
}

// end is one end of the connection, and whether the message names it.
type end struct {
	there   bool
	peer    authz.Peer
	service string
}

// asked are the fields of the request that are one text each.
type asked struct {
	id, method, path, host, scheme, protocol string
	size                                     int64
}

// rawHeader is one entry of header_map; only one of the values may be filled.
type rawHeader struct{ name, value, raw string }

// look reads a message of the usual shape by itself, and any other with protobuf,
// which costs several times as much. Where both read one, they read the same.
func look(message []byte) (view, error) {
	if v, usual := walk(message); usual {
		return v, nil
	}
	var request authv3.CheckRequest
	if err := proto.Unmarshal(message, &request); err != nil {
		return view{}, ambiguous("check request does not decode")
	}
	return decoded(request.GetAttributes()), nil
}

// decoded is the view of what protobuf read.
func decoded(from *authv3.AttributeContext) view {
	request := from.GetRequest()
	v := view{
		source: decodedEnd(from.GetSource()), destination: decodedEnd(from.GetDestination()),
		sni: from.GetTlsSession().GetSni(), request: request != nil, http: request.GetHttp() != nil,
		timed: request.GetTime() != nil, seconds: request.GetTime().GetSeconds(), nanos: request.GetTime().GetNanos(),
		extensions: from.GetContextExtensions(),
		metadata:   namespaces(from.GetMetadataContext()), routeMetadata: namespaces(from.GetRouteMetadataContext()),
	}
	http := request.GetHttp()
	v.asked = asked{
		id: http.GetId(), method: http.GetMethod(), path: http.GetPath(), host: http.GetHost(),
		scheme: http.GetScheme(), protocol: http.GetProtocol(), size: http.GetSize(),
	}
	v.query, v.fragment, v.body, v.rawBody = http.GetQuery(), http.GetFragment(), http.GetBody(), http.GetRawBody()
	for name, value := range http.GetHeaders() {
		v.joined = append(v.joined, authz.Header{Name: name, Value: value})
	}
	for _, h := range http.GetHeaderMap().GetHeaders() {
		v.raw = append(v.raw, rawHeader{h.GetKey(), h.GetValue(), string(h.GetRawValue())})
	}
	return v
}

func decodedEnd(from *authv3.AttributeContext_Peer) end {
	return end{there: from != nil, peer: peer(from), service: from.GetService()}
}
