package outbound_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

const short = 300 * time.Millisecond

// TestSlow: however little by little a server answers, the whole has one bound.
// The guard is the context of Get.
func TestSlow(t *testing.T) {
	for _, row := range []struct{ name, head, drip string }{
		{"silent", "", ""},
		{"head", "HTTP/1.1 200 OK\r\n", "X-A: b\r\n"},
		{"early hints", "", "HTTP/1.1 103 Early Hints\r\n\r\n"},
		{"body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "x"},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
		{"body without an end", "HTTP/1.0 200 OK\r\n\r\n", "x"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, server := raw(t, func(conn net.Conn) {
				_, err := io.WriteString(conn, row.head)
				for err == nil {
					time.Sleep(20 * time.Millisecond)
					if _, err = io.WriteString(conn, row.drip); row.drip == "" {
						_, err = conn.Read(make([]byte, 1<<10))
					}
				}
			})
			began := time.Now()
			if _, err := c.Get(t.Context(), "http://"+server); !errors.Is(err, outbound.ErrTimeout) {
				t.Errorf("got %v, want %v", err, outbound.ErrTimeout)
			}
			if took := time.Since(began); took > 10*short {
				t.Errorf("it took %s, want about %s", took, short)
			}
		})
	}
}

// TestSlowHandshake: a connection ends in time even where nobody waits for it any
// more. The guard is the timeout in dialer.secure.
func TestSlowHandshake(t *testing.T) {
	ended, accepted := make(chan struct{}), make(chan struct{})
	c, server := raw(t, func(conn net.Conn) {
		close(accepted)
		_, _ = io.Copy(io.Discard, conn)
		close(ended)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-accepted
		cancel()
	}()
	if _, err := c.Get(ctx, "https://"+server); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	select {
	case <-ended:
	case <-time.After(20 * short):
		t.Error("the connection is still there")
	}
}

// TestRefusedHandshake: a connection on which no TLS came about is closed at once.
// The guard is the close in dialer.secure.
func TestRefusedHandshake(t *testing.T) {
	ended := make(chan struct{})
	c, server := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, canary)
		_, _ = io.Copy(io.Discard, conn)
		close(ended)
	})
	if _, err := c.Get(t.Context(), "https://"+server); !errors.Is(err, outbound.ErrTLS) {
		t.Errorf("got %v, want %v", err, outbound.ErrTLS)
	}
	select {
	case <-ended:
	case <-time.After(20 * short):
		t.Error("the connection is still there")
	}
}

// TestGarbage: what is no HTTP is an error that repeats nothing of it. The guard is
// cause, which leaves out the texts of package net/http.
func TestGarbage(t *testing.T) {
	for _, answer := range []string{
		canary + "\r\n\r\n",
		"HTTP/1.1 " + canary + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\n" + canary + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: " + canary + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n" + canary,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + canary + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + canary + "\r\n",
		strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat(canary, 1000)+"\r\n\r\n", 20),
	} {
		c, server := raw(t, func(conn net.Conn) { _, _ = io.WriteString(conn, answer) })
		_, err := c.Get(t.Context(), "http://"+server)
		if !errors.Is(err, outbound.ErrUnreachable) || strings.Contains(err.Error(), canary) {
			t.Errorf("%.40q: got %v, want %v and nothing of the answer", answer, err, outbound.ErrUnreachable)
		}
	}
}

// TestSwitch: an answer that wants to speak something else is no 200.
func TestSwitch(t *testing.T) {
	c, server := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n")
	})
	if _, err := c.Get(t.Context(), "http://"+server); !errors.Is(err, outbound.ErrStatus) {
		t.Errorf("got %v, want %v", err, outbound.ErrStatus)
	}
}

// raw serves one connection by hand, after its request has been read.
func raw(t *testing.T, serve func(net.Conn)) (*outbound.Client, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(30 * short))
		_, _ = conn.Read(make([]byte, 64<<10))
		serve(conn)
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	c := client(t, outbound.Settings{AllowNetworks: loopback, AllowHTTP: true, Timeout: short, MaxBytes: 1 << 10})
	return c, listener.Addr().String()
}
