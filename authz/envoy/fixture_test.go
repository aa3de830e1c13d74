package envoy_test

import (
	"context"
	"maps"
	"net"
	"sync"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// checker answers everything with one verdict, or panics.
type checker struct {
	verdict authz.Verdict
	refusal authz.Verdict
	panics  bool
}

func (c checker) Check(context.Context, *authz.Attributes) authz.Verdict {
	if c.panics {
		panic("checker")
	}
	return c.verdict
}

func (c checker) Refuse(error) authz.Verdict { return c.refusal }

// allowing lets through all that can be read.
var allowing = checker{
	verdict: authz.Verdict{Effect: authz.Allow},
	refusal: authz.Verdict{Reason: authz.Malformed, Status: 400},
}

// recorder keeps events.
type recorder struct {
	mu     sync.Mutex
	events []authz.Event
	panics bool
}

func (r *recorder) Record(e authz.Event) {
	if r.panics {
		panic("recorder")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) all() []authz.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]authz.Event(nil), r.events...)
}

func settings(c envoy.Checker) envoy.Settings {
	return envoy.Settings{
		Checker: c, Recorder: &recorder{},
		Now:   func() time.Time { return time.Unix(1700000000, 0) },
		NewID: func() string { return "decision-1" },
	}
}

// start serves in memory and gives a connection to it.
func start(t testing.TB, s envoy.Settings) (*envoy.Server, *grpc.ClientConn) {
	t.Helper()
	server, err := envoy.NewServer(s)
	if err != nil {
		t.Fatal(err)
	}
	listener := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	connection, err := grpc.NewClient("passthrough:///bufconn",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = connection.Close()
		if err := server.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return server, connection
}

// raw sends and gives bytes as they are.
type raw struct{}

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (raw) Name() string { return "proto" }

const checkMethod = "/envoy.service.auth.v3.Authorization/Check"

// call sends bytes and gives the decoded answer and the gRPC error.
func call(t testing.TB, connection *grpc.ClientConn, message []byte) (*authv3.CheckResponse, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var answer []byte
	if err := connection.Invoke(ctx, checkMethod, message, &answer, grpc.ForceCodecV2(raw{})); err != nil {
		return nil, err
	}
	return decoded(t, answer), nil
}

func decoded(t testing.TB, answer []byte) *authv3.CheckResponse {
	t.Helper()
	response := &authv3.CheckResponse{}
	if err := proto.Unmarshal(answer, response); err != nil {
		t.Fatalf("answer does not decode: %v", err)
	}
	return response
}

func encoded(t testing.TB, m proto.Message) []byte {
	t.Helper()
	bytes, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// get is a plain request in the default encoding.
func get(extra map[string]string) *authv3.AttributeContext_HttpRequest {
	headers := map[string]string{":method": "GET", ":path": "/v1/x?a=1", ":authority": "Api.Example:443", ":scheme": "https"}
	maps.Copy(headers, extra)
	return &authv3.AttributeContext_HttpRequest{
		Id: "7", Method: "GET", Path: "/v1/x?a=1", Host: "Api.Example:443", Scheme: "https", Protocol: "HTTP/2", Headers: headers,
	}
}

func rawHeader(name, value string) *corev3.HeaderValue {
	return &corev3.HeaderValue{Key: name, RawValue: []byte(value)}
}

// getRaw is a plain request in the raw encoding.
func getRaw(extra ...*corev3.HeaderValue) *authv3.AttributeContext_HttpRequest {
	http := get(nil)
	http.Headers = nil
	http.HeaderMap = &corev3.HeaderMap{Headers: append([]*corev3.HeaderValue{
		rawHeader(":authority", "Api.Example:443"), rawHeader(":path", "/v1/x?a=1"), rawHeader(":method", "GET"),
	}, extra...)}
	return http
}

func request(http *authv3.AttributeContext_HttpRequest) *authv3.CheckRequest {
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source:  &authv3.AttributeContext_Peer{},
		Request: &authv3.AttributeContext_Request{Http: http},
	}}
}
