package system_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/echo"
)

// field is one header line, as it is sent.
type field struct{ name, value string }

// call is one request. Nothing of it is corrected on the way to Envoy.
type call struct {
	method  string
	host    string
	path    string
	headers []field
	body    string
}

// get is a call without a body.
func get(host, path string, headers ...field) call {
	return call{method: http.MethodGet, host: host, path: path, headers: headers}
}

func post(host, path string, headers ...field) call {
	return call{method: http.MethodPost, host: host, path: path, headers: headers}
}

func key(value string) field { return field{"x-api-key", value} }

// reply is what came back, with what the upstream saw, if it was reached.
type reply struct {
	status int
	header http.Header
	body   string
	seen   *echo.Answer
}

// upstream is a request header as it reached the upstream.
func (r reply) upstream(name string) string {
	if r.seen == nil {
		return ""
	}
	return strings.Join(r.seen.Headers[name], ",")
}

// protocol is a way to send a call to an address.
type protocol struct {
	name string
	send func(t *testing.T, address string, c call) reply
}

func protocols() []protocol {
	return []protocol{{"HTTP1", sendHTTP1}, {"HTTP2", sendHTTP2}}
}

// ask sends a call over HTTP/1.1 to one of Envoy's listeners.
func (w *world) ask(t *testing.T, listener string, c call) reply {
	t.Helper()
	return sendHTTP1(t, w.envoy.Address(listener), c)
}

// sendHTTP1 writes the lines itself: Go's client mends what it is given.
func sendHTTP1(t *testing.T, address string, c call) reply {
	t.Helper()
	sent.note(c)
	return roundTripHTTP1(t, dial(t, address), c)
}

func roundTripHTTP1(t *testing.T, conn net.Conn, c call) reply {
	t.Helper()
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", c.method, c.path, c.host)
	for _, h := range c.headers {
		fmt.Fprintf(&head, "%s: %s\r\n", h.name, h.value)
	}
	if c.body != "" {
		fmt.Fprintf(&head, "Content-Length: %d\r\n", len(c.body))
	}
	head.WriteString("\r\n")
	// Envoy may answer, and close, before it has read a long body.
	if _, err := io.WriteString(conn, head.String()); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(conn, c.body) }()
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: c.method})
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(t, response)
}

func sendHTTP2(t *testing.T, address string, c call) reply {
	t.Helper()
	sent.note(c)
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+address, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL = &url.URL{Scheme: "http", Host: address, Opaque: c.path}
	if strings.HasPrefix(c.path, "//") {
		request.URL = &url.URL{Scheme: "http", Host: address, Path: c.path}
	}
	request.Host = c.host
	for _, h := range c.headers {
		request.Header.Add(h.name, h.value)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(t, response)
}

func read(t *testing.T, response *http.Response) reply {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: response.StatusCode, header: response.Header, body: string(body)}
	var seen echo.Answer
	if r.status == http.StatusOK && json.Unmarshal(body, &seen) == nil && seen.Method != "" {
		r.seen = &seen
	}
	return r
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// passes checks that the call reached the upstream.
func passes(t *testing.T, got reply) {
	t.Helper()
	if got.status != http.StatusOK || got.seen == nil {
		t.Errorf("got %d %s, want 200 from the upstream", got.status, got.body)
	}
}

// refused checks status and body of an answer that is not the upstream's.
func refused(t *testing.T, got reply, status int, body string) {
	t.Helper()
	if got.status != status || got.body != body || got.seen != nil {
		t.Errorf("got %d %s, want %d %s", got.status, got.body, status, body)
	}
}
