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

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// HTTP/2 frames by hand (RFC 9113 section 4.1): no client of ours would be as
// rude, or as patient, as some tests need.
const (
	preface      = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	frameData    = 0
	frameHeaders = 1
	frameReset   = 3
	frameSetting = 4
	framePing    = 6
	frameGoAway  = 7
	cancelled    = 8
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

// begun begins a Check on a stream (RFC 7541 section 6: indexed fields, and
// literals that are not kept).
func begun(stream uint32) []byte {
	block := []byte{0x83, 0x86, 0x01, 1, 'a', 0x04, byte(len(checkMethod))}
	block = append(block, checkMethod...)
	block = append(block, 0x0f, 0x10, byte(len("application/grpc")))
	block = append(block, "application/grpc\x00\x02te\x08trailers"...)
	return http2Frame{frameHeaders, endHeaders, stream, block}.bytes()
}

// message is the whole of a call's messages, and its end.
func message(stream uint32, text []byte) []byte {
	length := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(text)))
	return http2Frame{frameData, endStream, stream, append(length, text...)}.bytes()
}

func reset(stream uint32) []byte {
	return http2Frame{frameReset, 0, stream, []byte{0, 0, 0, cancelled}}.bytes()
}

func ping(number byte) []byte {
	return http2Frame{kind: framePing, payload: []byte{number, 0, 0, 0, 0, 0, 0, 0}}.bytes()
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

func dialGRPC(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func (b *bare) write(parts ...[]byte) {
	b.t.Helper()
	if _, err := b.Write(slices.Concat(parts...)); err != nil {
		b.t.Fatal(err)
	}
}

// flood writes what frames gives for one stream after the other until over is
// closed, the server has had enough, or the bound is reached.
func (b *bare) flood(over <-chan struct{}, frames func(stream uint32) []byte) {
	const most = 50_000
	_ = b.SetWriteDeadline(time.Now().Add(10 * time.Second))
	for i := range uint32(most) {
		select {
		case <-over:
			return
		default:
		}
		if _, err := b.Write(frames(1 + 2*i)); err != nil {
			return
		}
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
