package system_test

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// TestOverloadedNeverOpens: an Envoy with failure_mode_allow asks a Sallyport that
// decides two Checks at once, is slow at it and remembers nothing, so that equal
// requests do not share. Of thirty requests at a time none
// passes, whether it was shed or ran out of time, and Envoy counts no error. The
// guards are errOverload and the margin below Envoy's timeout.
func TestOverloadedNeverOpens(t *testing.T) {
	w := beginWith(t, wire, openEnvoy, "server:\n", "server:\n    max_checks: 2\n    check_timeout: 8s\n    deadline_margin: 1s\n    max_connection_age_grace: 10s\n    stop_timeout: 9s\n", "policies:\n", "cache: {off: true}\npolicies:\n    timeout: 10s\n")
	const atOnce, rounds = 30, 2
	var group sync.WaitGroup
	for i := range atOnce {
		group.Go(func() {
			for j := range rounds {
				// No two are equal, which would be decided together.
				which := field{"x-which", strconv.Itoa(i*rounds + j)}
				got := sendHTTP1(t, w.envoy.Address("open"), get(host, "/key", key("example-reader"), field{"x-slow", "1"}, which))
				refused(t, got, 503, `{"code":"unavailable"}`)
				if got.header.Get("retry-after") != "1" {
					t.Errorf("got headers %v, want retry-after", got.header)
				}
			}
		})
	}
	group.Wait()
	counts(t, w, 0, atOnce*rounds)
	if w.echo.Requests() != 0 {
		t.Errorf("%d requests reached the upstream", w.echo.Requests())
	}
	records := strings.Join(w.sallyport.Records(), "\n")
	shed, late := strings.Count(records, "too many checks"), strings.Count(records, "deadline exceeded")
	if shed < atOnce || late < rounds {
		t.Errorf("%d were shed and %d ran out of time: it was neither overloaded nor slow", shed, late)
	}
	passes(t, w.askPatiently(t, "open", get(host, "/key", key("example-reader"))))
}

// askPatiently asks again while it is shed: an evaluation that ran out of time
// keeps its place until it has noticed.
func (w *world) askPatiently(t *testing.T, listener string, c call) reply {
	t.Helper()
	got := w.ask(t, listener, c)
	for tries := 0; got.status == http.StatusServiceUnavailable && tries < 100; tries++ {
		time.Sleep(50 * time.Millisecond)
		got = w.ask(t, listener, c)
	}
	return got
}

// full is a Checker that holds one Check until it is let go.
type full struct{ entered, let chan struct{} }

func (f full) Check(context.Context, *authz.Attributes) authz.Verdict {
	close(f.entered)
	<-f.let
	return authz.Verdict{Reason: authz.ByPolicy}
}

func (full) Refuse(error) authz.Verdict { return authz.Verdict{} }

type nothing struct{}

func (nothing) Record(authz.Event) {}

// TestTurnedAwayUnread: what the door turns away has not been read, and Envoy must
// take the answer although it is still sending. A body of five megabytes is far
// more than it may send before anybody reads.
func TestTurnedAwayUnread(t *testing.T) {
	f := full{make(chan struct{}), make(chan struct{})}
	door, err := envoy.NewDoor(envoy.Bounds{Checks: 1})
	if err != nil {
		t.Fatal(err)
	}
	address := inProcess(t, envoy.Settings{Checker: f, Recorder: nothing{}, Door: door})
	upstream, err := echo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, upstream.Close()) })
	text, err := mesh.Bootstrap(openEnvoy, mesh.Places{Clusters: map[string]string{"authz": address, "echo": upstream.Web()}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{echo: upstream}
	if w.envoy, err = mesh.StartEnvoy(t.Context(), text, short(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.envoy.Stop()) })
	held := make(chan reply, 1)
	go func() { held <- sendHTTP1(t, w.envoy.Address("open"), get(host, "/key")) }()
	<-f.entered
	large := post(host, "/big")
	large.body = strings.Repeat("a", 5<<20)
	for name, c := range map[string]call{"no body": get(host, "/key"), "5 MiB": large} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(t, "open", c)
			refused(t, got, 503, "")
			if got.header.Get("retry-after") != "1" || got.header.Get("content-type") != "" {
				t.Errorf("got headers %v", got.header)
			}
		})
	}
	close(f.let)
	refused(t, <-held, 403, "")
	counts(t, w, 0, 3)
}

// inProcess serves with parts of the test's, and gives the address.
func inProcess(t *testing.T, s envoy.Settings) string {
	t.Helper()
	s.Now, s.NewID, s.MaxRequestBytes = time.Now, func() string { return "1" }, 8<<20
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
		must(t, <-served)
	})
	return listener.Addr().String()
}

// change replaces text of a file.
func change(t *testing.T, file, from, to string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("no %q in\n%s", from, text)
	}
	must(t, os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
}
