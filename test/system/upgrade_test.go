package system_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/sallyport-authz/sallyport/test/echo"
)

func TestWebSocket(t *testing.T) {
	w := begin(t, wire, wireEnvoy)
	for _, listener := range asking() {
		t.Run(listener, func(t *testing.T) {
			t.Run("allowed", func(t *testing.T) {
				address := w.envoy.Address(listener)
				made := shake(t, address, "x-api-key: example-reader\r\nx-authz-subject: root\r\n")
				if made.status != http.StatusSwitchingProtocols {
					t.Fatalf("status = %d, want 101", made.status)
				}
				if got, want := made.header.Get("Sec-WebSocket-Accept"), echo.Accept("dGhlIHNhbXBsZSBub25jZQ=="); got != want {
					t.Errorf("accept = %q, want %q", got, want)
				}
				if got := made.header.Get("Seen-X-Authz-Subject"); got != "reader" {
					t.Errorf("upstream saw subject %q, want reader", got)
				}
				made.exchange(t, "frame")
			})
			for name, headers := range map[string]string{"nobody": "", "unknown": "x-api-key: example-nobody\r\n"} {
				t.Run(name, func(t *testing.T) {
					before := w.echo.Requests()
					made := shake(t, w.envoy.Address(listener), headers)
					if made.status != http.StatusUnauthorized || w.echo.Requests() != before {
						t.Errorf("status = %d, %d requests reached the upstream; want 401 and none",
							made.status, w.echo.Requests()-before)
					}
				})
			}
		})
	}
}

// handshake is the answer to an upgrade, with the connection that it was made on.
type handshake struct {
	status int
	header http.Header
	conn   io.Writer
	reader io.Reader
}

func shake(t *testing.T, address, headers string) handshake {
	t.Helper()
	conn := dial(t, address)
	_, err := io.WriteString(conn, "GET /socket HTTP/1.1\r\nHost: wire.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+headers+"\r\n")
	if err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	return handshake{response.StatusCode, response.Header, conn, reader}
}

// exchange sends text and wants it back.
func (h handshake) exchange(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(h.conn, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(h.reader, got); err != nil || string(got) != text {
		t.Errorf("read %q, %v; want %q", got, err, text)
	}
}

// A denial must reach a gRPC client as the code that it acts on: Unavailable is
// retried, the others are not.
func TestGRPC(t *testing.T) {
	w := begin(t, wire, wireEnvoy)
	tests := []struct {
		name     string
		metadata []string
		want     codes.Code
		message  string
	}{
		{"allowed", []string{"x-api-key", "example-writer", "x-authz-subject", "root"}, codes.OK, ""},
		{"nobody", nil, codes.Unauthenticated, "unauthenticated"},
		{"unknown", []string{"x-api-key", "example-nobody"}, codes.Unauthenticated, "rejected"},
		{"out of scope", []string{"x-api-key", "example-reader"}, codes.PermissionDenied, "scope"},
		{"undecided", []string{"x-api-key", "example-writer", "x-slow", "1"}, codes.Unavailable, "unavailable"},
	}
	for _, listener := range asking() {
		client, err := grpc.NewClient(w.envoy.Address(listener), grpc.WithAuthority(host),
			grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		for _, c := range tests {
			t.Run(listener+"/"+c.name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), c.metadata...), 10*time.Second)
				defer cancel()
				var seen metadata.MD
				_, err := healthv1.NewHealthClient(client).Check(ctx, &healthv1.HealthCheckRequest{}, grpc.Header(&seen))
				if got := status.Convert(err); got.Code() != c.want || got.Message() != c.message {
					t.Fatalf("got %v %q, want %v %q", got.Code(), got.Message(), c.want, c.message)
				}
				if subject := seen.Get("seen-x-authz-subject"); c.want == codes.OK && (len(subject) != 1 || subject[0] != "writer") {
					t.Errorf("upstream saw subject %q, want writer alone", subject)
				}
			})
		}
	}
}
