package system_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

const hits = "testdata/hits"

// TestHitsSkipNoRule: of two requests with one credential to one path, the first
// allowed and remembered, the second is denied where a rule on the client's
// address, on proven HTTPS or on Origin says so; and the other way round. The
// guard is what the policy reads standing in the key.
func TestHitsSkipNoRule(t *testing.T) {
	w := begin(t, hits, wireEnvoy)
	from := func(client, listener, path string, headers ...field) func() (int, string) {
		return func() (int, string) { return askFrom(t, w, client, w.envoy.Address(listener), path, headers...) }
	}
	good, evil := field{"Origin", "https://shop.example"}, field{"Origin", "https://evil.example"}
	for _, c := range []struct {
		name        string
		pass, stops func() (int, string)
	}{
		{"client's address", from("127.0.0.1", "bare", "/guarded/address"), from("127.0.0.2", "bare", "/guarded/address")},
		{"proven HTTPS", from("127.0.0.1", "https", "/guarded/https"), from("127.0.0.1", "bare", "/guarded/https")},
		{"origin", from("127.0.0.1", "bare", "/guarded/origin", good), from("127.0.0.1", "bare", "/guarded/origin", evil)},
		{"no origin", from("127.0.0.1", "bare", "/guarded/origin"), from("127.0.0.1", "bare", "/guarded/origin", evil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for round := range 3 {
				if status, cache := c.pass(); status != http.StatusOK || round > 0 && cache != "hit" {
					t.Errorf("round %d: got %d (%s), want 200, from the second on remembered", round, status, cache)
				}
				if status, cache := c.stops(); status != http.StatusForbidden || round > 0 && cache != "hit" {
					t.Errorf("round %d: got %d (%s), want 403, from the second on remembered", round, status, cache)
				}
			}
		})
	}
}

// askFrom sends a request from one of the machine's addresses; cache is what the
// record says.
func askFrom(t *testing.T, w *world, client, address, path string, headers ...field) (status int, cache string) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(client)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	text := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nX-Api-Key: example-reader\r\nConnection: close\r\n", path, host)
	for _, h := range headers {
		text += h.name + ": " + h.value + "\r\n"
	}
	if _, err := conn.Write([]byte(text + "\r\n")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, response)
	must(t, response.Body.Close())
	var r mesh.Record
	if r, err = w.sallyport.Record(t.Context(), got.header.Get("X-Request-Id")); err != nil {
		t.Fatal(err)
	}
	return got.status, r.Cache
}
