package envoy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

func TestSettingsThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*envoy.Settings){
		"no checker":                func(s *envoy.Settings) { s.Checker = nil },
		"no recorder":               func(s *envoy.Settings) { s.Recorder = nil },
		"no clock":                  func(s *envoy.Settings) { s.Now = nil },
		"no ids":                    func(s *envoy.Settings) { s.NewID = nil },
		"negative message size":     func(s *envoy.Settings) { s.MaxReceiveBytes = -1 },
		"negative body size":        func(s *envoy.Settings) { s.MaxRequestBytes = -1 },
		"no room for the body":      func(s *envoy.Settings) { s.MaxReceiveBytes, s.MaxRequestBytes = 4<<20, 4<<20 },
		"TLS without a config":      func(s *envoy.Settings) { s.TLS = &envoy.TLS{Peers: []string{"a"}} },
		"no room beside an unknown": func(s *envoy.Settings) { s.MaxReceiveBytes = 1 },
		"negative age":              func(s *envoy.Settings) { s.MaxConnectionAge = -1 },
		"grace that cuts Checks": func(s *envoy.Settings) {
			s.MaxConnectionAge, s.MaxConnectionAgeGrace, s.MaxCheck = time.Hour, time.Second, time.Second
		},
		"grace below the longest Check of all": func(s *envoy.Settings) { s.MaxConnectionAge, s.MaxConnectionAgeGrace = time.Hour, time.Second },
		"negative size of both":                func(s *envoy.Settings) { s.MaxReceiveBytes, s.MaxRequestBytes = -1, -1 },
	} {
		t.Run(name, func(t *testing.T) {
			s := settings(allowing)
			change(&s)
			if _, err := envoy.NewServer(s); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// Envoy asks under both names, and must not send Checks before the first
// snapshot: the guard is SetServing(false) in NewServer.
func TestHealth(t *testing.T) {
	server, connection := start(t, settings(allowing))
	client := healthv1.NewHealthClient(connection)
	want := func(step string, wanted healthv1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		for _, name := range []string{"", "envoy.service.auth.v3.Authorization"} {
			r, err := client.Check(t.Context(), &healthv1.HealthCheckRequest{Service: name})
			if err != nil || r.GetStatus() != wanted {
				t.Errorf("%s, %q: got %v, %v; want %v", step, name, r.GetStatus(), err, wanted)
			}
		}
	}
	want("at the start", healthv1.HealthCheckResponse_NOT_SERVING)
	server.SetServing(true)
	want("serving", healthv1.HealthCheckResponse_SERVING)
	server.SetServing(false)
	want("before the end", healthv1.HealthCheckResponse_NOT_SERVING)
	if _, err := call(t, connection, encoded(t, request(get(nil)))); err != nil {
		t.Errorf("a Check while NOT_SERVING: %v", err)
	}
}

// waiting answers when it is let go, whatever its context says.
type waiting struct{ entered, let chan struct{} }

func (w waiting) Check(context.Context, *authz.Attributes) authz.Verdict {
	close(w.entered)
	<-w.let
	return authz.Verdict{Reason: authz.ByPolicy}
}

func (waiting) Refuse(error) authz.Verdict { return authz.Verdict{} }

func TestShutdownWaitsForChecks(t *testing.T) {
	w := waiting{make(chan struct{}), make(chan struct{})}
	server, connection := start(t, settings(w))
	message, answered := encoded(t, request(get(nil))), make(chan error, 1)
	go func() {
		_, err := call(t, connection, message)
		answered <- err
	}()
	<-w.entered
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(t.Context()) }()
	select {
	case err := <-done:
		t.Fatalf("Shutdown gave %v before the Check ended", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(w.let)
	if err := <-answered; err != nil {
		t.Errorf("the Check under way: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// The guard is Stop in Shutdown: without it a Check that hangs holds the process.
func TestShutdownIsBounded(t *testing.T) {
	w := waiting{make(chan struct{}), make(chan struct{})}
	server, connection := start(t, settings(w))
	message, answered := encoded(t, request(get(nil))), make(chan error, 1)
	go func() {
		_, err := call(t, connection, message)
		answered <- err
	}()
	<-w.entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- server.Shutdown(ctx) }()
	if err := <-answered; status.Code(err) != codes.Unavailable {
		t.Errorf("the Check that was cut: %v", err)
	}
	close(w.let)
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestServingNeverComesBackAfterShutdown(t *testing.T) {
	server, err := envoy.NewServer(settings(allowing))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.SetServing(true)
	listener, err := envoy.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(listener); err != nil {
		t.Errorf("Serve after Shutdown: %v", err)
	}
}
