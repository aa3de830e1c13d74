package authz

import "time"

// Attributes is what the PEP told us about one request or connection: read
// once, normalised, untrusted. Header names are lower case, the host is
// canonical, nothing aliases the wire. It is shared and never changed. Its texts may
// be parts of one larger text: whoever keeps one longer than the Check copies it.
type Attributes struct {
	// Request is nil when the check comes from Envoy's network filter.
	Request *Request
	Peer    Peer
	// TrustedHops is how many of the last entries of x-forwarded-for proxies of the
	// operator's wrote: see Client.
	TrustedHops int
	// Local is the address that the peer connected to.
	Local Peer
	// Extensions are the context extensions, which only the operator can set.
	Extensions map[string]string
	// Metadata and RouteMetadata are the dynamic and the route's metadata by
	// namespace; absent and empty are the same, since Envoy always sends both.
	Metadata      map[string]any
	RouteMetadata map[string]any
}

// Request is the HTTP part of the attributes.
type Request struct {
	// ID is Envoy's number of the stream, not x-request-id.
	ID     string
	Time   time.Time
	Method string
	// Scheme is what the proxy said. A client can set it on many listeners.
	Scheme string
	// Secure is true only where the operator's own configuration proves HTTPS.
	Secure bool
	// Host is canonical: lower case, no port, no trailing dot (see ParseHost).
	Host string
	// Path is raw: undecoded, with the query.
	Path     string
	Protocol string
	Headers  Headers
	Body     Body
	// Mesh is true when the caller is gRPC's own ext_authz client (gRFC A92),
	// which refuses a response that carries grpc-* headers.
	Mesh bool
}

// Peer is one end of the connection. Principal and Certificate are only what
// the proxy saw in the TLS handshake; they are no caller.
type Peer struct {
	Address     string
	Port        uint32
	Principal   string
	Certificate string
	SNI         string
}

// BodyState tells a whole body from a cut one.
type BodyState int

// The states of a body. The zero state is no body at all.
const (
	BodyAbsent BodyState = iota
	BodyWhole
	BodyTruncated
)

// String is the word that policies see.
func (s BodyState) String() string {
	switch s {
	case BodyWhole:
		return "whole"
	case BodyTruncated:
		return "truncated"
	default:
		return "absent"
	}
}

// Body is the part of the request's body that the proxy sent along.
type Body struct {
	State BodyState
	Bytes []byte
}
