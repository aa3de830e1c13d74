package envoy_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

func read(t *testing.T, s envoy.Settings, from *authv3.CheckRequest) *authz.Attributes {
	t.Helper()
	a, err := envoy.Read(s, encoded(t, from))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAttributesHoldWhatEnvoySends(t *testing.T) {
	values, err := structpb.NewStruct(map[string]any{"sub": "u", "n": 1.5})
	if err != nil {
		t.Fatal(err)
	}
	from := request(get(map[string]string{"x-b": "2", "x-a": "1"}))
	a := from.GetAttributes()
	a.Source = &authv3.AttributeContext_Peer{
		Address: socketAddress("10.0.0.1", 4444), Principal: "spiffe://td/web", Certificate: "PEM", Service: "forged",
	}
	a.Destination = &authv3.AttributeContext_Peer{Address: socketAddress("10.0.0.2", 443), Principal: "spiffe://td/api"}
	a.Request.Time = timestamppb.New(time.Unix(1700000000, 5000))
	a.ContextExtensions = map[string]string{"virtual_host": "all"}
	a.MetadataContext = &corev3.Metadata{FilterMetadata: map[string]*structpb.Struct{"jwt": values, "empty": {}}}
	a.RouteMetadataContext = &corev3.Metadata{}
	a.TlsSession = &authv3.AttributeContext_TLSSession{Sni: "API.example"}
	want := &authz.Attributes{
		Peer:       authz.Peer{Address: "10.0.0.1", Port: 4444, Principal: "spiffe://td/web", Certificate: "PEM", SNI: "api.example"},
		Local:      authz.Peer{Address: "10.0.0.2", Port: 443, Principal: "spiffe://td/api"},
		Extensions: map[string]string{"virtual_host": "all"},
		Metadata:   map[string]any{"jwt": map[string]any{"sub": "u", "n": 1.5}},
		Request: &authz.Request{
			ID: "7", Time: time.Unix(1700000000, 5000).UTC(), Method: "GET", Scheme: "https", Host: "api.example",
			Path: "/v1/x?a=1", Protocol: "HTTP/2",
			Headers: authz.Headers{Joined: true, List: []authz.Header{{Name: "x-a", Value: "1"}, {Name: "x-b", Value: "2"}}},
		},
	}
	if diff := cmp.Diff(read(t, envoy.Settings{}, from), want); diff != "" {
		t.Error(diff)
	}
}

func socketAddress(ip string, port uint32) *corev3.Address {
	return &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{
		Address: ip, PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: port},
	}}}
}

// Each row goes red without the guard that it names.
func TestAmbiguousMessages(t *testing.T) {
	tests := []struct {
		name string // and the guard
		from *authv3.CheckRequest
	}{
		{"nothing at all: first case of attributes", &authv3.CheckRequest{}},
		{"empty attributes: first case of attributes", &authv3.CheckRequest{Attributes: &authv3.AttributeContext{}}},
		{"request that is not HTTP: third case of attributes", &authv3.CheckRequest{Attributes: &authv3.AttributeContext{Request: &authv3.AttributeContext_Request{}}}},
		{"empty host: ParseHost in request", request(changed(func(h *httpRequest) { h.Host = ""; h.Headers = nil }))},
		{"two Host lines joined: ParseHost in request", request(changed(func(h *httpRequest) { h.Host = "a.example,b.example"; h.Headers = nil }))},
		{"user in host: ParseHost in request", request(changed(func(h *httpRequest) { h.Host = "u:p@a.example"; h.Headers = nil }))},
		{"query beside the path: refuseSplitPath", request(changed(func(h *httpRequest) { h.Query = "b=2" }))},
		{"fragment: refuseSplitPath", request(changed(func(h *httpRequest) { h.Fragment = "f" }))},
		{"both encodings: len of both in readHeaders", request(changed(func(h *httpRequest) {
			h.HeaderMap = &corev3.HeaderMap{Headers: []*corev3.HeaderValue{rawHeader("x", "1")}}
		}))},
		{"raw header with two values: GetValue and GetRawValue", request(getRaw(&corev3.HeaderValue{Key: "x", Value: "1", RawValue: []byte("2")}))},
		{"raw header without a name: IsHeaderName in add", request(getRaw(&corev3.HeaderValue{}))},
		{"header name with a space: IsHeaderName in add", request(get(map[string]string{"x y": "1"}))},
		{"header with a line end: ContainsAny in add", request(getRaw(rawHeader("x", "1\r\ny: 2")))},
		{"header with NUL: ContainsAny in add", request(getRaw(rawHeader("x", "1\x00")))},
		{"authority twice: seen in compare", request(getRaw(rawHeader(":authority", "Api.Example:443")))},
		{"path twice: seen in compare", request(getRaw(rawHeader(":path", "/v1/x?a=1")))},
		{"authority of another host: field in compare", request(get(map[string]string{":authority": "b.example"}))},
		{"host header of another host: field in compare", request(get(map[string]string{"host": "b.example"}))},
		{"path of another resource: field in compare", request(get(map[string]string{":path": "/admin"}))},
		{"method of another kind: field in compare", request(get(map[string]string{":method": "DELETE"}))},
		{"scheme of another kind: field in compare", request(get(map[string]string{":scheme": "http"}))},
		{"path with lost bytes: field in compare", request(rawPath("/v1/x!", "/v1/x\xff"))},
		{"body in both encodings: first guard of body", request(changed(func(h *httpRequest) { h.Body = "a"; h.RawBody = []byte("a") }))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := envoy.Read(envoy.Settings{}, encoded(t, tt.from))
			if !errors.Is(err, authz.ErrAmbiguous) || a != nil {
				t.Errorf("got %v, %v; want ErrAmbiguous", a, err)
			}
		})
	}
}

type httpRequest = authv3.AttributeContext_HttpRequest

func changed(change func(*httpRequest)) *httpRequest {
	http := get(nil)
	change(http)
	return http
}

func rawPath(field, header string) *httpRequest {
	http := getRaw()
	http.Path = field
	http.HeaderMap.Headers[1] = rawHeader(":path", header)
	return http
}

func TestMessagesThatDoNotDecode(t *testing.T) {
	whole := encoded(t, request(get(nil)))
	invalid := append([]byte{0x0a, 0x07, 0x22, 0x05, 0x12, 0x03, 0x12, 0x01}, 0xff)
	for name, message := range map[string][]byte{
		"garbage": []byte("\xff\xff\xff"), "truncated": whole[:len(whole)-3], "method is not UTF-8": invalid,
	} {
		t.Run(name, func(t *testing.T) {
			if a, err := envoy.Read(envoy.Settings{}, message); !errors.Is(err, authz.ErrAmbiguous) || a != nil {
				t.Errorf("got %v, %v; want ErrAmbiguous", a, err)
			}
		})
	}
}

// Trap 7 of the contract: the network filter sends no request at all. The guard
// is the second case of attributes.
func TestConnections(t *testing.T) {
	service := &authv3.AttributeContext_Peer{Service: "Db.Example."}
	tests := []struct {
		name string
		from *authv3.AttributeContext
		sni  string
	}{
		{"source only", &authv3.AttributeContext{Source: &authv3.AttributeContext_Peer{}}, ""},
		{"destination names the server", &authv3.AttributeContext{Destination: service}, "db.example"},
		{"the session's name wins", &authv3.AttributeContext{Destination: service, TlsSession: &authv3.AttributeContext_TLSSession{Sni: "a.example"}}, "a.example"},
		{"an empty session", &authv3.AttributeContext{Destination: service, TlsSession: &authv3.AttributeContext_TLSSession{}}, "db.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := read(t, envoy.Settings{}, &authv3.CheckRequest{Attributes: tt.from})
			if a.Request != nil || a.Peer.SNI != tt.sni {
				t.Errorf("got request %v and SNI %q, want none and %q", a.Request, a.Peer.SNI, tt.sni)
			}
		})
	}
}

// A request's destination.service is no server name: the guard is that only the
// connection's case of attributes reads it.
func TestServiceOfARequestIsNoServerName(t *testing.T) {
	from := request(get(nil))
	from.Attributes.Destination = &authv3.AttributeContext_Peer{Service: "db.example"}
	if got := read(t, envoy.Settings{}, from).Peer.SNI; got != "" {
		t.Errorf("got SNI %q, want none", got)
	}
}

// The guard is secure: a client sets the scheme on many listeners.
func TestSecureIsProvenByTheOperator(t *testing.T) {
	tests := []struct {
		name, scheme string
		trust        bool
		extensions   map[string]string
		want         bool
	}{
		{"a client's word", "https", false, nil, false},
		{"a listener that overwrites it", "https", true, nil, true},
		{"such a listener on plain HTTP", "http", true, nil, false},
		{"a context extension", "http", false, map[string]string{"tls": "true"}, true},
		{"another value of it", "https", false, map[string]string{"tls": "1"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from := request(changed(func(h *httpRequest) { h.Scheme = tt.scheme; h.Headers = nil }))
			from.Attributes.ContextExtensions = tt.extensions
			if got := read(t, envoy.Settings{TrustScheme: tt.trust}, from).Request.Secure; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// No address but an IP address may look like one: the guard is address.
func TestAddresses(t *testing.T) {
	pipe := &corev3.Address{Address: &corev3.Address_Pipe{Pipe: &corev3.Pipe{Path: "127.0.0.1"}}}
	internal := &corev3.Address{Address: &corev3.Address_EnvoyInternalAddress{EnvoyInternalAddress: &corev3.EnvoyInternalAddress{
		AddressNameSpecifier: &corev3.EnvoyInternalAddress_ServerListenerName{ServerListenerName: "127.0.0.1"},
	}}}
	for want, from := range map[string]*corev3.Address{
		"10.0.0.1": socketAddress("10.0.0.1", 1), "unix:127.0.0.1": pipe, "internal:127.0.0.1": internal, "": {},
	} {
		source := &authv3.AttributeContext_Peer{Address: from}
		a := read(t, envoy.Settings{}, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{Source: source}})
		if a.Peer.Address != want {
			t.Errorf("got %q, want %q", a.Peer.Address, want)
		}
	}
}

// CONNECT has no path, and is left for the route table to refuse.
func TestConnectKeepsItsEmptyPath(t *testing.T) {
	from := request(changed(func(h *httpRequest) { h.Method, h.Path, h.Headers = http.MethodConnect, "", nil }))
	if got := read(t, envoy.Settings{}, from).Request; got.Path != "" || got.Method != http.MethodConnect {
		t.Errorf("got %q %q", got.Method, got.Path)
	}
}

// gRFC A92: size is -1 from gRPC and never from Envoy.
func TestMeshIsKnownByItsSize(t *testing.T) {
	for size, want := range map[int64]bool{-1: true, 0: false, 5: false} {
		from := request(changed(func(h *httpRequest) { h.Size = size }))
		if got := read(t, envoy.Settings{}, from).Request.Mesh; got != want {
			t.Errorf("size %d: got %v, want %v", size, got, want)
		}
	}
}
