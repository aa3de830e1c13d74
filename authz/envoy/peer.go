package envoy

import (
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"

	"github.com/sallyport-authz/sallyport/authz"
)

// peer reads one end of the connection. Its service name is left out: it is a
// request header, which a client can set.
func peer(from *authv3.AttributeContext_Peer) authz.Peer {
	socket := from.GetAddress().GetSocketAddress()
	return authz.Peer{
		Address:     address(from.GetAddress()),
		Port:        socket.GetPortValue(),
		Principal:   from.GetPrincipal(),
		Certificate: from.GetCertificate(),
	}
}

// address is an IP address where the proxy names one, "unix:" and a path on a
// socket, where both ends carry the listener's own path, and "internal:" and a
// name between Envoy's listeners. Neither of the last two can pass for an IP.
func address(from *corev3.Address) string {
	switch at := from.GetAddress().(type) {
	case *corev3.Address_SocketAddress:
		return at.SocketAddress.GetAddress()
	case *corev3.Address_Pipe:
		return "unix:" + at.Pipe.GetPath()
	case *corev3.Address_EnvoyInternalAddress:
		return "internal:" + at.EnvoyInternalAddress.GetServerListenerName()
	default:
		return ""
	}
}

// canonicalSNI lowers a server name (RFC 6066 section 3 compares without case).
func canonicalSNI(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

// namespaces reads metadata without the typed ones. Envoy sends the field also
// where nobody configured it: empty and absent are the same.
func namespaces(from *corev3.Metadata) map[string]any {
	var all map[string]any
	for name, values := range from.GetFilterMetadata() {
		if len(values.GetFields()) == 0 {
			continue
		}
		if all == nil {
			all = map[string]any{}
		}
		all[name] = values.AsMap()
	}
	return all
}
