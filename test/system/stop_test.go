package system_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const held = "testdata/held"

// gate holds whoever comes to it until it is opened. It is what makes Checks slow
// here, and not work: how long that takes depends on the machine.
type gate struct {
	server *httptest.Server
	came   chan struct{}
	opened chan struct{}
}

func newGate(t *testing.T, places int) *gate {
	t.Helper()
	g := &gate{came: make(chan struct{}, places), opened: make(chan struct{})}
	g.server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.came <- struct{}{}
		select {
		case <-g.opened:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(g.server.Close)
	return g
}

// TestStopLosesNothing: SIGTERM while Checks are being decided, and nobody tries
// again: each is answered, then the program ends in order. The guard is
// GracefulStop in Shutdown.
func TestStopLosesNothing(t *testing.T) {
	f := beginFleet(t, held, "0s")
	f.healthy(t, 1)
	const slow = 6
	g, answers := newGate(t, slow), make(chan reply, slow)
	for range slow {
		go func() {
			answers <- sendHTTP1(t, f.envoy.Address("plain"), get(host, "/key", key("example-reader"), field{"x-wait-at", g.server.URL}))
		}()
	}
	for range slow {
		select {
		case <-g.came:
		case got := <-answers:
			t.Fatalf("answered before it was held: %d %s", got.status, got.body)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- f.replicas[0].Stop() }()
	refusesConnections(t, f.replicas[0].TCP())
	close(g.opened)
	for range slow {
		passes(t, <-answers)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if errors := f.stat(t, "http.plain.ext_authz.error"); errors != 0 {
		t.Errorf("Envoy counted %d errors", errors)
	}
	if got := len(f.replicas[0].Records()); got != slow {
		t.Errorf("%d Checks were recorded, want %d: the log was not written out", got, slow)
	}
}

// refusesConnections waits until nobody listens any more: the program is stopping.
func refusesConnections(t *testing.T, address string) {
	t.Helper()
	var dialer net.Dialer
	for range 500 {
		conn, err := dialer.DialContext(t.Context(), "tcp", address)
		if err != nil {
			return
		}
		_ = conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it still takes connections")
}
