package echo_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/sallyport-authz/sallyport/test/echo"
)

func start(t *testing.T) *echo.Server {
	t.Helper()
	server, err := echo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestAnswerIsTheRequest(t *testing.T) {
	h1, h2 := new(http.Protocols), new(http.Protocols)
	h1.SetHTTP1(true)
	h2.SetUnencryptedHTTP2(true)
	for name, protocols := range map[string]*http.Protocols{"HTTP/1.1": h1, "HTTP/2.0": h2} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			transport := &http.Transport{Protocols: protocols}
			defer transport.CloseIdleConnections()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+server.Web()+"/a%2Fb?c=d", strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = "shop.test"
			request.Header["X-Two"] = []string{"1", "2"}
			response, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			var got echo.Answer
			if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if got.Protocol != name || got.Method != http.MethodPost || got.Host != "shop.test" || got.Path != "/a%2Fb?c=d" ||
				got.BodyLength != 5 || len(got.Headers["x-two"]) != 2 || server.Requests() != 1 {
				t.Errorf("got %+v after %d requests", got, server.Requests())
			}
		})
	}
}

func TestWebSocketEchoes(t *testing.T) {
	conn := dial(t, start(t).Web())
	write(t, conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Authz-Kind: k\r\n\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	// The key and its answer are the example of RFC 6455 section 1.3.
	if got, want := response.Header.Get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; got != want {
		t.Errorf("accept = %q, want %q", got, want)
	}
	if got := response.Header.Get("Seen-X-Authz-Kind"); got != "k" {
		t.Errorf("seen kind = %q, want k", got)
	}
	write(t, conn, "frame")
	read(t, reader, "frame")
}

func TestTCPEchoes(t *testing.T) {
	conn := dial(t, start(t).TCP())
	write(t, conn, "bytes")
	read(t, conn, "bytes")
}

func TestGRPCShowsIdentity(t *testing.T) {
	client, err := grpc.NewClient(start(t).RPC(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "x-authz-kind", "k"), 5*time.Second)
	defer cancel()
	var headers metadata.MD
	answer, err := healthv1.NewHealthClient(client).Check(ctx, &healthv1.HealthCheckRequest{}, grpc.Header(&headers))
	if err != nil {
		t.Fatal(err)
	}
	if answer.GetStatus() != healthv1.HealthCheckResponse_SERVING || len(headers.Get("seen-x-authz-kind")) != 1 {
		t.Errorf("got %v with headers %v", answer, headers)
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
}
