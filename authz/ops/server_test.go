package ops_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/ops"
)

// serving is the process on a port, until the test ends.
func serving(t *testing.T, p process) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := errors.Join(p.server.Shutdown(ctx), <-ended); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// send writes text and gives the status line of the answer.
func send(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

func TestServe(t *testing.T) {
	address := serving(t, begin(t, whole()))
	for _, path := range []string{"/metrics", "/livez", "/readyz", "/status"} {
		if got := send(t, address, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); got != "HTTP/1.1 200 OK" {
			t.Errorf("%s: got %q", path, got)
		}
	}
}

// Guard: MaxHeaderBytes.
func TestWhatIsTooMuch(t *testing.T) {
	address := serving(t, begin(t, live()))
	for name, c := range map[string]struct{ text, want string }{
		"headers beyond the limit": {"GET /livez HTTP/1.1\r\nHost: localhost\r\nx: " + strings.Repeat("a", 16<<10) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
		"no host":                  {"GET /livez HTTP/1.0\r\n\r\n", "HTTP/1.0 421 Misdirected Request"},
	} {
		if got := send(t, address, c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// Who opens connections and says nothing loses them, and does not keep the next
// one out for longer. Guards: LimitListener, and ReadHeaderTimeout.
func TestConnectionsAreBounded(t *testing.T) {
	address := serving(t, begin(t, live()))
	for range 32 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
	}
	asked := time.Now()
	if got := send(t, address, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"); got != "HTTP/1.1 200 OK" {
		t.Errorf("got %q", got)
	}
	if took := time.Since(asked); took < time.Second || took > 15*time.Second {
		t.Errorf("answered after %v, want when the silent ones were cut", took)
	}
}

// Shutdown waits for nobody longer than it was told to: a page that hangs is cut.
func TestShutdown(t *testing.T) {
	hold, begun := make(chan struct{}), make(chan struct{})
	s := whole()
	s.Door = func() ops.Door {
		close(begun)
		<-hold
		return ops.Door{}
	}
	p := begin(t, s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.server.Serve(listener) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time was over", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	close(hold)
}
