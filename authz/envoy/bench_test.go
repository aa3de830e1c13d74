package envoy_test

import (
	"context"
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// dropping records nothing, so that the benchmark measures this room alone.
type dropping struct{}

func (dropping) Record(authz.Event) {}

// noop is what a generated server does at the least.
type noop struct {
	authv3.UnimplementedAuthorizationServer
}

func (noop) Check(context.Context, *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	return &authv3.CheckResponse{
		Status:       &rpcstatus.Status{},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{}},
	}, nil
}

// BenchmarkCheck compares this room, around a Checker that allows everything,
// with a generated server that says OK. The client's cost is in both.
func BenchmarkCheck(b *testing.B) {
	b.Run("sallyport", func(b *testing.B) {
		s := settings(checker{verdict: authz.Verdict{
			Effect: authz.Allow, Upstream: []authz.Header{{Name: "x-authz-subject", Value: "u"}}, Remove: []string{"authorization"},
		}})
		s.Recorder = dropping{}
		server, err := envoy.NewServer(s)
		if err != nil {
			b.Fatal(err)
		}
		listener, err := envoy.Listen("127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		ask(b, listener.Addr().String())
		if err := server.Shutdown(context.Background()); err != nil {
			b.Fatal(err)
		}
		<-served
	})
	b.Run("noop", func(b *testing.B) {
		server := grpc.NewServer()
		authv3.RegisterAuthorizationServer(server, noop{})
		listener, err := envoy.Listen("127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		ask(b, listener.Addr().String())
		server.Stop()
		<-served
	})
}

func ask(b *testing.B, address string) {
	b.Helper()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	message := encoded(b, request(get(map[string]string{
		"authorization": "Bearer 0123456789abcdef0123456789abcdef", "user-agent": "curl/8", "accept": "*/*",
		"x-forwarded-for": "10.0.0.1", "x-forwarded-proto": "https", "x-request-id": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
	})))
	if _, err := call(b, connection, message); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(loop *testing.PB) {
		for loop.Next() {
			var answer []byte
			if err := connection.Invoke(b.Context(), checkMethod, message, &answer, grpc.ForceCodecV2(raw{})); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
}
