package envoy

import (
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// client says who will read a denial, which decides on its form.
type client int

// The clients. The zero one reads HTTP, as whoever sent what we cannot read.
const (
	clientHTTP client = iota
	// clientGRPC is a gRPC client behind Envoy.
	clientGRPC
	// clientMesh is gRPC's own ext_authz client (gRFC A92).
	clientMesh
	// clientConnection is Envoy's network filter, which reads the status only.
	clientConnection
	// clientUnread is any of them: the message was not read.
	clientUnread
)

func clientOf(a *authz.Attributes) client {
	switch {
	case a == nil:
		return clientHTTP
	case a.Request == nil:
		return clientConnection
	case a.Request.Mesh:
		return clientMesh
	case isGRPC(a.Request):
		return clientGRPC
	default:
		return clientHTTP
	}
}

// isGRPC goes by Envoy's own rule: it answers such a request with trailers.
func isGRPC(r *authz.Request) bool {
	contentType, _ := r.Headers.Get("content-type")
	return r.Path != "" &&
		(contentType == "application/grpc" || strings.HasPrefix(contentType, "application/grpc+"))
}
