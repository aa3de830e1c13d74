package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"runtime/metrics"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// noop is the least that anybody would write: grpc-go's generated server, which
// answers OK with three headers to everything.
type noop struct {
	authv3.UnimplementedAuthorizationServer
}

// Check implements authv3.AuthorizationServer.
func (noop) Check(context.Context, *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	return noopAnswer(), nil
}

func noopAnswer() *authv3.CheckResponse {
	ok := &authv3.OkHttpResponse{}
	for _, h := range [][2]string{{"x-authz-subject", "user-17"}, {"x-authz-tenant", "acme"}, {"x-authz-scopes", "orders:read"}} {
		ok.Headers = append(ok.Headers, &corev3.HeaderValueOption{Header: &corev3.HeaderValue{Key: h[0], Value: h[1]}})
	}
	return &authv3.CheckResponse{Status: &rpcstatus.Status{}, HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: ok}}
}

// sallyportCollectsAt is the GOGC that the program sets where nobody else does.
const sallyportCollectsAt = 400

// serveNoop is the server's process: it prints its address, answers each line on
// stdin with the number of objects that it has allocated, and ends with stdin.
func serveNoop(tuned bool, stdin io.Reader, stdout io.Writer) error {
	var options []grpc.ServerOption
	if tuned {
		options = envoy.Transport()
		debug.SetGCPercent(sallyportCollectsAt)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := grpc.NewServer(options...)
	authv3.RegisterAuthorizationServer(server, noop{})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintln(stdout, listener.Addr())
	for asked := bufio.NewScanner(stdin); asked.Scan(); {
		fmt.Fprintln(stdout, allocated())
	}
	server.Stop()
	return <-ended
}

// allocated counts the objects that this process has ever allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/tiny/allocs:objects"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() + sample[1].Value.Uint64()
}
