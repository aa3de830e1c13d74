package envoy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	"github.com/sallyport-authz/sallyport/authz"
)

// Checker decides; authz.Authorizer is one.
type Checker interface {
	Check(context.Context, *authz.Attributes) authz.Verdict
	// Refuse is the verdict on a message that could not be read.
	Refuse(error) authz.Verdict
}

var _ Checker = (*authz.Authorizer)(nil)

// Settings of one listener. Checker, Recorder, Now and NewID are required.
type Settings struct {
	Checker  Checker
	Recorder authz.Recorder
	Now      func() time.Time
	// NewID gives the decision ids.
	NewID func() string
	// MaxReceiveBytes bounds one message; 0 is 16 MiB, or more where
	// MaxRequestBytes asks for it. grpc answers a larger one with an error,
	// which Envoy may allow: it must stand above all that Envoy may send.
	MaxReceiveBytes int
	// MaxRequestBytes is the max_request_bytes of the proxies: a body of that
	// length may be a cut one. 0 is unknown.
	MaxRequestBytes int
	// TrustScheme says that the listener's proxies overwrite the scheme.
	TrustScheme bool
	// TLS is nil on a listener that asks nobody who they are.
	TLS *TLS
	// Logger is told of answers that had to be replaced; nil is silent.
	Logger *slog.Logger
}

const (
	defaultReceiveBytes = 16 << 20
	// messageRoom is what a message holds beside the body: headers,
	// certificate, metadata, context extensions.
	messageRoom = 1 << 20
	// streams is far above what the Checker decides at once, which sheds with
	// a denial. What HTTP/2 sheds is an error.
	streams = 4096
	// workers keep their grown stacks from one Check to the next.
	workers = 64
	// handshake bounds what a connection may cost before it is one.
	handshake = 10 * time.Second
)

// Server answers the Checks of one listener.
type Server struct {
	grpc   *grpc.Server
	health *health.Server
}

// NewServer makes a server that reports NOT_SERVING until SetServing(true) and
// answers Checks from the start.
func NewServer(s Settings) (*Server, error) {
	answers, err := s.checks()
	if err != nil {
		return nil, err
	}
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	server := &Server{grpc: grpc.NewServer(options...), health: health.NewServer()}
	server.SetServing(false)
	server.grpc.RegisterService(answers.description(), nil)
	healthv1.RegisterHealthServer(server.grpc, server.health)
	return server, nil
}

func (s Settings) checks() (*checks, error) {
	if s.Checker == nil || s.Recorder == nil || s.Now == nil || s.NewID == nil {
		return nil, errors.New("checker, recorder, clock and decision ids are required")
	}
	prepared, err := newUnavailable()
	if err != nil {
		return nil, err
	}
	logger := s.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &checks{
		checker: s.Checker, recorder: s.Recorder, now: s.Now, newID: s.NewID,
		reader:      reader{trustScheme: s.TrustScheme, maxRequestBytes: s.MaxRequestBytes},
		unavailable: prepared, logger: logger,
	}, nil
}

func (s Settings) options() ([]grpc.ServerOption, error) {
	limit, err := s.receiveBytes()
	if err != nil {
		return nil, err
	}
	options := []grpc.ServerOption{
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(limit),
		grpc.MaxConcurrentStreams(streams),
		grpc.NumStreamWorkers(workers),
		grpc.ConnectionTimeout(handshake),
		grpc.KeepaliveEnforcementPolicy(enforcement()),
	}
	if s.TLS == nil {
		return options, nil
	}
	config, err := s.TLS.server()
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return append(options, grpc.Creds(credentials.NewTLS(config))), nil
}

func (s Settings) receiveBytes() (int, error) {
	if s.MaxReceiveBytes < 0 || s.MaxRequestBytes < 0 {
		return 0, errors.New("a size below zero")
	}
	least := s.MaxRequestBytes + messageRoom
	if s.MaxReceiveBytes == 0 {
		return max(defaultReceiveBytes, least), nil
	}
	if s.MaxReceiveBytes < least {
		return 0, fmt.Errorf("messages of %d bytes leave no room beside a body of %d: %d are needed",
			s.MaxReceiveBytes, s.MaxRequestBytes, least)
	}
	return s.MaxReceiveBytes, nil
}

// enforcement lets proxies ping. Under grpc's own policy a proxy that pings more
// often than every five minutes is sent away.
func enforcement() keepalive.EnforcementPolicy {
	return keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}
}

// Serve answers until Shutdown, then gives nil. It closes the listener.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// SetServing tells health checks whether to send Checks here. Checks are
// answered either way. After Shutdown it has no effect.
func (s *Server) SetServing(serving bool) {
	status := healthv1.HealthCheckResponse_NOT_SERVING
	if serving {
		status = healthv1.HealthCheckResponse_SERVING
	}
	for _, name := range []string{"", service} {
		s.health.SetServingStatus(name, status)
	}
}

// Shutdown reports NOT_SERVING, takes no new connections and waits for the
// Checks under way. When ctx ends first they are cut, which is an error to the
// proxy, and the context's error is given.
func (s *Server) Shutdown(ctx context.Context) error {
	s.health.Shutdown()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
		return fmt.Errorf("wait for checks: %w", context.Cause(ctx))
	}
}
