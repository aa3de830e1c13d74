package system_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// TestTakeover: a second process on one store waits until the first has ended. Until
// then it says so in its log and in its health, and answers 503, never a gRPC error,
// which a proxy might take for an allow; then it serves what the first has left.
// Guards: openStore before Swap and SetServing in service.live; the lock of the store.
func TestTakeover(t *testing.T) {
	w := beginStore(t, "testdata/tenants")
	w.done(t, "", "org", "put", "A")
	w.done(t, "", "member", "put", "A", "ann")
	minted := w.done(t, "", "token", "mint", "--prefix", "mbz_", "--subject", "ann", "--tenant", "A", "--scope", "storefront")
	passes(t, w.ask(t, "raw", get("api.prood.test", "/key", key(minted))))

	second := beginSecond(t, w.config)
	second.says(t, "another process owns the store: waiting for it to end")
	for range 3 {
		if got := second.health(t); got != healthv1.HealthCheckResponse_NOT_SERVING {
			t.Errorf("the second process says %v beside the first", got)
		}
		denied := second.check(t, minted).GetDeniedResponse()
		if denied.GetStatus().GetCode() != 503 || denied.GetBody() != `{"code":"unavailable"}` {
			t.Errorf("the second process answers %v, want 503", denied)
		}
	}
	passes(t, w.ask(t, "raw", get("api.prood.test", "/key", key(minted))))

	must(t, w.sallyport.Stop())
	second.says(t, "store open")
	second.says(t, `"serving"`)
	if got := second.health(t); got != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("the second process says %v after the first", got)
	}
	if got := second.check(t, minted); got.GetOkResponse() == nil {
		t.Errorf("the second process answers %v, want that it allows", got)
	}
	w.done(t, "", "token", "revoke", minted[:12], "--reason", "left")
	if got := second.check(t, minted).GetDeniedResponse().GetStatus().GetCode(); got != 401 {
		t.Errorf("the second process answers %v to a revoked token, want 401", got)
	}
}

// waiting is a process that may not serve yet.
type waiting struct {
	log    *printed
	client *grpc.ClientConn
}

// printed is what a process prints, for a test that awaits some of it.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *printed) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *printed) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// beginSecond starts the program on a configuration of its own with the store of
// another.
func beginSecond(t *testing.T, first string) *waiting {
	t.Helper()
	config := configure(t, "testdata/tenants", "path: data", "path: "+filepath.Join(filepath.Dir(first), "data"))
	serverKey, err := os.ReadFile(filepath.Join(filepath.Dir(first), "server.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(filepath.Dir(config), "server.key"), serverKey, 0o600))
	s := &waiting{log: &printed{}}
	command := exec.CommandContext(t.Context(), os.Getenv("SALLYPORT"), "serve", "--config", config)
	command.Stderr, command.SysProcAttr = s.log, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	must(t, command.Start())
	t.Cleanup(func() {
		if err := command.Wait(); err != nil && command.ProcessState.ExitCode() != 0 {
			t.Errorf("the second process: %v: %s", err, s.log)
		}
	})
	s.client, err = grpc.NewClient("unix:"+filepath.Join(filepath.Dir(config), "authz.sock"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, s.client.Close()) })
	return s
}

// says waits for a line of its log.
func (s *waiting) says(t *testing.T, words string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(s.log.String(), words); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not say %q:\n%s", words, s.log)
		}
	}
}

func (s *waiting) health(t *testing.T) healthv1.HealthCheckResponse_ServingStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got, err := healthv1.NewHealthClient(s.client).Check(ctx, &healthv1.HealthCheckRequest{Service: "envoy.service.auth.v3.Authorization"}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	return got.GetStatus()
}

// check asks as a proxy does; an error is one of gRPC.
func (s *waiting) check(t *testing.T, apiKey string) *authv3.CheckResponse {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got, err := authv3.NewAuthorizationClient(s.client).Check(ctx, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source: &authv3.AttributeContext_Peer{Address: &corev3.Address{Address: &corev3.Address_SocketAddress{
			SocketAddress: &corev3.SocketAddress{Address: "127.0.0.1"},
		}}},
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: "GET", Host: "api.prood.test", Path: "/key", Scheme: "https", Headers: map[string]string{"x-api-key": apiKey},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
