package system_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
)

// Envoy's network filter asks about a connection, without a request. The guards
// are the connections of the configuration and the router's answer where none
// fits: nothing declared.
func TestConnection(t *testing.T) {
	w := begin(t, wire, wireEnvoy)
	tests := []struct {
		name, sni string
		want      bool
	}{
		{"without a name", "", true},
		{"name declared", "allowed.test", true},
		{"name undeclared", "other.test", false},
		{"name below a declared one", "x.allowed.test", false},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			allowed, denied := w.stat(t, "ext_authz.l4.ok"), w.stat(t, "ext_authz.l4.denied")
			got := echoed(t, w.envoy.Address("l4"), hello(t, c.sni))
			if got != c.want {
				t.Errorf("bytes came back: %v, want %v", got, c.want)
			}
			allowed, denied = w.stat(t, "ext_authz.l4.ok")-allowed, w.stat(t, "ext_authz.l4.denied")-denied
			if c.want && (allowed != 1 || denied != 0) || !c.want && (allowed != 0 || denied != 1) {
				t.Errorf("Envoy counted %d allowed, %d denied", allowed, denied)
			}
		})
	}
	if n := w.stat(t, "ext_authz.l4.error"); n != 0 {
		t.Errorf("Envoy counted %d errors", n)
	}
}

// hello is what a client says first: plain bytes, or a ClientHello with a name.
func hello(t *testing.T, sni string) []byte {
	t.Helper()
	if sni == "" {
		return []byte("hello in clear")
	}
	near, far := net.Pipe()
	defer func() { _, _ = near.Close(), far.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		_ = tls.Client(near, &tls.Config{ServerName: sni, MinVersion: tls.VersionTLS13}).HandshakeContext(ctx)
	}()
	buffer := make([]byte, 16<<10)
	n, err := far.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return buffer[:n]
}

// echoed sends bytes and reports whether they came back, or the connection was
// closed instead.
func echoed(t *testing.T, address string, sent []byte) bool {
	t.Helper()
	conn := dial(t, address)
	if _, err := conn.Write(sent); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sent))
	_, err := io.ReadFull(conn, got)
	switch {
	case err == nil:
		return bytes.Equal(got, sent)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return false
	default:
		t.Fatal(err)
		return false
	}
}
