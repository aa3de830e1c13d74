package envoy_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// HTTP/2 frames by hand (RFC 9113 section 4.1): no client of ours would be as
// rude, or as patient, as these tests need.
const (
	preface      = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	frameHeaders = 1
	frameReset   = 3
	frameSetting = 4
	framePing    = 6
	frameGoAway  = 7
	enhanceCalm  = 11
	ack          = 1
	endStream    = 1
	endHeaders   = 4
)

type http2Frame struct {
	kind, flags byte
	stream      uint32
	payload     []byte
}

func (f http2Frame) bytes() []byte {
	header := make([]byte, 9, 9+len(f.payload))
	binary.BigEndian.PutUint32(header, uint32(len(f.payload))<<8|uint32(f.kind))
	header[4] = f.flags
	binary.BigEndian.PutUint32(header[5:], f.stream)
	return append(header, f.payload...)
}

// bare is a connection that speaks frames.
type bare struct {
	t *testing.T
	net.Conn
}

// serve starts a server on loopback and gives its address.
func serve(t *testing.T, s envoy.Settings) string {
	t.Helper()
	server, err := envoy.NewServer(s)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := envoy.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Shutdown(t.Context()) // it has ended by now: what is still open is cut
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}

func dialBare(t *testing.T, address string) *bare {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	b := &bare{t, connection}
	b.write([]byte(preface), http2Frame{kind: frameSetting}.bytes())
	return b
}

func (b *bare) write(parts ...[]byte) {
	b.t.Helper()
	if _, err := b.Write(slices.Concat(parts...)); err != nil {
		b.t.Fatal(err)
	}
}

// next gives the next frame, or false when none comes within the time or the
// connection has ended.
func (b *bare) next(within time.Duration) (http2Frame, bool) {
	b.t.Helper()
	if err := b.SetReadDeadline(time.Now().Add(within)); err != nil {
		b.t.Fatal(err)
	}
	header := make([]byte, 9)
	if _, err := io.ReadFull(b, header); err != nil {
		if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
			b.t.Logf("read: %v", err)
		}
		return http2Frame{}, false
	}
	f := http2Frame{kind: header[3], flags: header[4], stream: binary.BigEndian.Uint32(header[5:])}
	f.payload = make([]byte, binary.BigEndian.Uint32(header)>>8)
	if _, err := io.ReadFull(b, f.payload); err != nil {
		b.t.Fatal(err)
	}
	return f, true
}

// until reads frames until one has the kind, and gives it.
func (b *bare) until(kind byte, within time.Duration) (http2Frame, bool) {
	b.t.Helper()
	end := time.Now().Add(within)
	for {
		f, ok := b.next(time.Until(end))
		if !ok || f.kind == kind && (kind != framePing || f.flags == ack) {
			return f, ok
		}
	}
}

func ping(number byte) []byte {
	return http2Frame{kind: framePing, payload: []byte{number, 0, 0, 0, 0, 0, 0, 0}}.bytes()
}

// A proxy that pings a quiet connection every second is answered each time; one
// that floods is sent away. The guard is enforcement: under grpc's own policy
// the first proxy is gone after three pings, with no policy the second stays.
func TestPings(t *testing.T) {
	t.Parallel()
	address := serve(t, settings(allowing))
	t.Run("every second", func(t *testing.T) {
		t.Parallel()
		b := dialBare(t, address)
		for i := range 5 {
			time.Sleep(1050 * time.Millisecond)
			b.write(ping(byte(i)))
			if answer, ok := b.until(framePing, 5*time.Second); !ok || answer.payload[0] != byte(i) {
				t.Fatalf("ping %d was not answered", i)
			}
		}
	})
	t.Run("flood", func(t *testing.T) {
		t.Parallel()
		b := dialBare(t, address)
		for i := range 10 {
			b.write(ping(byte(i)))
		}
		bye, ok := b.until(frameGoAway, 5*time.Second)
		if !ok || binary.BigEndian.Uint32(bye.payload[4:]) != enhanceCalm {
			t.Errorf("got %v %v, want a GOAWAY that asks for calm", bye, ok)
		}
	})
}

// An old connection is asked to end, politely: the guard is MaxConnectionAge in
// parameters.
func TestConnectionAge(t *testing.T) {
	t.Parallel()
	s := settings(allowing)
	s.MaxCheck, s.MaxConnectionAge, s.MaxConnectionAgeGrace = 10*time.Millisecond, 100*time.Millisecond, time.Second
	b := dialBare(t, serve(t, s))
	bye, ok := b.until(frameGoAway, 5*time.Second)
	if !ok || binary.BigEndian.Uint32(bye.payload[4:]) != 0 {
		t.Errorf("got %v %v, want a GOAWAY without an error", bye, ok)
	}
	young := dialBare(t, serve(t, settings(allowing)))
	if bye, ok := young.until(frameGoAway, 300*time.Millisecond); ok {
		t.Errorf("without an age: got %v", bye)
	}
}
