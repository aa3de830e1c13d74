package echo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

// Server is a running upstream on three loopback ports.
type Server struct {
	web       *http.Server
	rpc       *grpc.Server
	listeners []net.Listener
	requests  atomic.Int64
	serving   sync.WaitGroup
}

// The listeners of a Server, in the order in which they are opened.
const (
	webListener = iota
	rpcListener
	tcpListener
	listenerCount
)

// Start opens the ports and serves until Close.
func Start(ctx context.Context) (*Server, error) {
	s := &Server{rpc: newGRPC()}
	for range listenerCount {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listen for the upstream: %w", err), s.Close())
		}
		s.listeners = append(s.listeners, l)
	}
	s.web = &http.Server{Handler: s.counted(), Protocols: protocols(), ReadHeaderTimeout: 5 * time.Second}
	s.serving.Go(func() { _ = s.web.Serve(s.listeners[webListener]) })
	s.serving.Go(func() { _ = s.rpc.Serve(s.listeners[rpcListener]) })
	s.serving.Go(func() { s.echoBytes(s.listeners[tcpListener]) })
	return s, nil
}

func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

func (s *Server) counted() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		handle(w, r)
	})
}

// Web is the address of HTTP and WebSockets, RPC that of gRPC, TCP that of
// plain bytes.
func (s *Server) Web() string { return s.listeners[webListener].Addr().String() }

// RPC is described at Web.
func (s *Server) RPC() string { return s.listeners[rpcListener].Addr().String() }

// TCP is described at Web.
func (s *Server) TCP() string { return s.listeners[tcpListener].Addr().String() }

// Requests is how many HTTP requests arrived so far.
func (s *Server) Requests() int64 { return s.requests.Load() }

// Close ends all connections and waits for the servers.
func (s *Server) Close() error {
	if s.web != nil {
		_ = s.web.Close()
	}
	s.rpc.Stop()
	var failures []error
	for _, l := range s.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			failures = append(failures, fmt.Errorf("close upstream: %w", err))
		}
	}
	s.serving.Wait()
	return errors.Join(failures...)
}

// echoBytes sends back what comes, one connection after the other ends on its
// own.
func (s *Server) echoBytes(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			_, _ = io.Copy(conn, conn)
		}()
	}
}
