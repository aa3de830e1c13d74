package envoy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

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
	// TrustedHops is how many proxies write the last entries of x-forwarded-for: see
	// authz.Attributes.
	TrustedHops int
	// Door bounds what all listeners hold at once; nil is one of its own.
	Door *Door
	// TLS is nil on a listener that asks nobody who they are.
	TLS *TLS
	// Logger is told of answers that had to be replaced; nil is silent.
	Logger *slog.Logger
	// MaxCheck ends a Check that takes longer, the reading of its message
	// included; 0 is a minute.
	MaxCheck time.Duration
	// MaxConnectionAge is when a connection is asked to end, so that replicas
	// share the load; 0 is never. MaxConnectionAgeGrace is what the Checks on
	// it then have, and is above MaxCheck.
	MaxConnectionAge, MaxConnectionAgeGrace time.Duration
	// Reflection tells whoever asks which services there are.
	Reflection bool
}

// Server answers the Checks of one listener.
type Server struct {
	grpc   *grpc.Server
	health *health.Server
	// stopping ends the streams that would otherwise hold Shutdown up.
	stopping *stopping
	// tls is nil on a plain listener.
	tls *shown
}

// NewServer makes a server that reports NOT_SERVING until SetServing(true) and
// answers Checks from the start.
func NewServer(s Settings) (*Server, error) {
	answers, err := s.checks()
	if err != nil {
		return nil, err
	}
	server := &Server{health: health.NewServer(), stopping: newStopping()}
	if s.TLS != nil {
		server.tls = &shown{}
	}
	options, err := s.options(server.tls)
	if err != nil {
		return nil, err
	}
	server.grpc = grpc.NewServer(append(options, grpc.StreamInterceptor(server.stopping.intercept))...)
	server.SetServing(false)
	server.grpc.RegisterService(answers.description(), nil)
	healthv1.RegisterHealthServer(server.grpc, server.health)
	if s.Reflection {
		reflection.Register(server.grpc)
	}
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
	door := s.Door
	if door == nil {
		if door, err = NewDoor(Bounds{}); err != nil {
			return nil, err
		}
	}
	logger := s.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &checks{
		checker: s.Checker, recorder: s.Recorder, now: s.Now, newID: s.NewID,
		reader:      reader{trustScheme: s.TrustScheme, trustedHops: s.TrustedHops, maxRequestBytes: s.MaxRequestBytes},
		door:        door,
		unavailable: prepared, logger: logger,
	}, nil
}

// Serve answers until Shutdown, then gives nil. It closes the listener.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// SetTLS is for certificates, authorities and peers that change: every handshake
// that begins after it goes by t, and connections that there are go on. On an
// error the TLS from before stays. A plain listener takes none.
func (s *Server) SetTLS(t *TLS) error {
	if s.tls == nil || t == nil {
		return errors.New("whether a listener has tls cannot change")
	}
	return s.tls.set(t)
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

// Serving is what health checks are told.
func (s *Server) Serving() bool {
	answer, err := s.health.Check(context.Background(), &healthv1.HealthCheckRequest{})
	return err == nil && answer.GetStatus() == healthv1.HealthCheckResponse_SERVING
}

// Shutdown reports NOT_SERVING, takes no new connections, asks the proxies to
// end theirs (GOAWAY) and waits for the Checks under way. When ctx ends first they are cut, which is an error to the
// proxy, and the context's error is given.
func (s *Server) Shutdown(ctx context.Context) error {
	s.health.Shutdown()
	s.stopping.begin()
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
