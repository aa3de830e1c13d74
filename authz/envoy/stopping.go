package envoy

import (
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// stopping ends long streams, those of health's Watch and of reflection, when
// the server stops: their clients hold them open for as long as they live, and
// Shutdown waits for every stream. Check is no stream and passes by.
type stopping struct {
	once sync.Once
	now  chan struct{}
}

func newStopping() *stopping { return &stopping{now: make(chan struct{})} }

func (s *stopping) begin() { s.once.Do(func() { close(s.now) }) }

// intercept implements grpc.StreamServerInterceptor. The handler that it leaves
// behind ends with its stream.
func (s *stopping) intercept(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	done := make(chan error, 1)
	go func() { done <- handler(server, stream) }()
	select {
	case err := <-done:
		return err
	case <-s.now:
		return status.Error(codes.Unavailable, "the server is stopping")
	}
}
