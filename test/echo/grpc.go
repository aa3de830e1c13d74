package echo

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
)

const (
	identityPrefix = "x-authz-"
	// seenPrefix marks a request header that the upstream hands back.
	seenPrefix = "seen-"
)

// newGRPC serves grpc.health.v1, whose every answer is SERVING. The response
// headers hold the x-authz-* metadata that arrived as seen-x-authz-*.
func newGRPC() *grpc.Server {
	server := grpc.NewServer(grpc.UnaryInterceptor(showIdentity))
	healthv1.RegisterHealthServer(server, health.NewServer())
	return server
}

func showIdentity(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	arrived, _ := metadata.FromIncomingContext(ctx)
	seen := metadata.MD{}
	for name, values := range arrived {
		if strings.HasPrefix(name, identityPrefix) {
			seen.Append(seenPrefix+name, values...)
		}
	}
	if err := grpc.SetHeader(ctx, seen); err != nil {
		return nil, err
	}
	return handler(ctx, request)
}
