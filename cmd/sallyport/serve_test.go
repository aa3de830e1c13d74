package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// running is the program in this process.
type running struct {
	addresses []string
	stop      context.CancelFunc
	code      chan int
	log       *syncBuffer
}

type syncBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) text() string {
	b.Lock()
	defer b.Unlock()
	return b.String()
}

// start runs serve and waits until it says that it serves n addresses. Where the
// configuration does not say how long it drains, it does not.
func start(t *testing.T, file string, n int, flags ...string) *running {
	t.Helper()
	withoutDrain(t, file)
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, code: make(chan int, 1), log: &syncBuffer{}}
	reader, writer := io.Pipe()
	go func() {
		r.code <- run(ctx, append([]string{"serve", "--config", file}, flags...), io.Discard, io.MultiWriter(writer, r.log))
		_ = writer.Close()
	}()
	lines := bufio.NewScanner(reader)
	for len(r.addresses) < n && lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			r.addresses = append(r.addresses, line.Address)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	if len(r.addresses) < n {
		t.Fatalf("it ended with %d before it served:\n%s", <-r.code, r.log.text())
	}
	return r
}

func withoutDrain(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("drain:")) {
		return
	}
	text = bytes.Replace(text, []byte("server:\n"), []byte("server:\n  drain: 0s\n"), 1)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	select {
	case code := <-r.code:
		if code != 0 {
			t.Errorf("got exit code %d, want 0:\n%s", code, r.log.text())
		}
	case <-time.After(2 * defaultStop):
		t.Fatal("it does not end")
	}
}

// TestServe: TCP and a socket answer at once, and both say SERVING.
func TestServe(t *testing.T) {
	defer goleak.VerifyNone(t)
	socket := "unix:" + t.TempDir() + "/a.sock"
	r := start(t, write(t, strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0\n    - address: "+socket, 1)), 2)
	defer r.end(t)
	if r.addresses[1] != socket || strings.HasSuffix(r.addresses[0], ":0") {
		t.Errorf("got addresses %v, want a bound port and %s", r.addresses, socket)
	}
	for _, address := range r.addresses {
		if got := health(t, address); got != healthv1.HealthCheckResponse_SERVING {
			t.Errorf("%s: got %s, want SERVING", address, got)
		}
	}
}

func health(t *testing.T, address string) healthv1.HealthCheckResponse_ServingStatus {
	t.Helper()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	answer, err := healthv1.NewHealthClient(connection).Check(ctx, &healthv1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetStatus()
}

// TestServeTaken: where one address cannot be bound, none serves. The guard is
// the return in service.open.
func TestServeTaken(t *testing.T) {
	defer goleak.VerifyNone(t)
	first := start(t, write(t, strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1)), 1)
	defer first.end(t)
	var log bytes.Buffer
	both := strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0\n    - address: "+first.addresses[0], 1)
	if code := run(t.Context(), []string{"serve", "--config", write(t, both)}, io.Discard, &log); code != 1 {
		t.Errorf("got exit code %d, want 1", code)
	}
	if !strings.Contains(log.String(), "sallyport: listen on ") || strings.Contains(log.String(), `"serving"`) {
		t.Errorf("got %s, want only that an address is taken", log.String())
	}
}

func TestNewID(t *testing.T) {
	first, second := newID(), newID()
	if first == second || len(first) != 36 || first[14] != '4' || !strings.ContainsRune("89ab", rune(first[19])) {
		t.Errorf("got %s and %s, want two random UUIDs", first, second)
	}
}
