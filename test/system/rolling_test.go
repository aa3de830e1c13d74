package system_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	rolling      = "testdata/rolling"
	rollingEnvoy = "testdata/rolling/envoy.yaml"
)

// replica is one of several Sallyports, which can be started again where it was.
type replica struct {
	*mesh.Sallyport
	config string
	// answered are the Checks of the programs that have ended.
	answered int
}

// fleet is a world with replicas.
type fleet struct {
	echo     *echo.Server
	envoy    *mesh.Envoy
	replicas []*replica
}

// beginFleet starts replicas on copies of the folder, one for each drain.
func beginFleet(t *testing.T, folder string, drains ...string) *fleet {
	t.Helper()
	f := &fleet{}
	var err error
	if f.echo, err = echo.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, f.echo.Close()) })
	var addresses []string
	for _, drain := range drains {
		r := newReplica(t, folder, drain)
		f.replicas, addresses = append(f.replicas, r), append(addresses, r.TCP())
	}
	text, err := mesh.Bootstrap(rollingEnvoy, mesh.Places{Clusters: map[string]string{
		"authz": strings.Join(addresses, ","), "echo": f.echo.Web(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if f.envoy, err = mesh.StartEnvoy(t.Context(), text, short(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, f.envoy.Stop()) })
	return f
}

func newReplica(t *testing.T, folder, drain string) *replica {
	t.Helper()
	config, err := mesh.Configure(folder, filepath.Join(short(t), "c"))
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{config: config}
	change(t, r.config, "drain: 1s", "drain: "+drain)
	r.start(t)
	t.Cleanup(func() {
		must(t, r.Stop())
		sent.foundIn(t, r.Output())
	})
	change(t, r.config, "127.0.0.1:0", r.TCP())
	return r
}

func (r *replica) start(t *testing.T) {
	t.Helper()
	s, err := mesh.StartSallyport(t.Context(), os.Getenv("SALLYPORT"), r.config, "--log-level", "debug")
	if err != nil {
		t.Fatal(err)
	}
	r.Sallyport = s
}

// restart ends the replica in the way given and starts it anew.
func (r *replica) restart(t *testing.T, end func(*mesh.Sallyport) error) {
	t.Helper()
	must(t, end(r.Sallyport))
	sent.foundIn(t, r.Output())
	r.answered += len(r.Records())
	r.start(t)
}

// healthy waits until Envoy sends to so many replicas.
func (f *fleet) healthy(t *testing.T, want int64) {
	t.Helper()
	for range 500 {
		stats, err := f.envoy.Stats(t.Context())
		if err == nil && stats["cluster.authz.membership_healthy"] == want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("there are never %d healthy replicas", want)
}

// stream sends requests at a fixed rate, whatever becomes of those before, and
// counts what came of them. Every fourth has no credential.
type stream struct {
	client   *http.Client
	url      string
	group    sync.WaitGroup
	sent     int
	passed   atomic.Int64
	refused  atomic.Int64
	mu       sync.Mutex
	failures []string
}

func (f *fleet) stream(listener string) *stream {
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	return &stream{client: &http.Client{Transport: transport, Timeout: 10 * time.Second}, url: "http://" + f.envoy.Address(listener) + "/key"}
}

func (s *stream) run(ctx context.Context, perSecond int) {
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticker.Stop()
	for ; ctx.Err() == nil; s.sent++ {
		known := s.sent%4 != 0
		s.group.Go(func() { s.send(known) })
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	s.group.Wait()
	s.client.CloseIdleConnections()
}

func (s *stream) send(known bool) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.url, http.NoBody)
	if err != nil {
		s.fail(err.Error())
		return
	}
	request.Host = host
	if known {
		request.Header.Set("x-api-key", "example-reader")
	}
	response, err := s.client.Do(request)
	if err != nil {
		s.fail(err.Error())
		return
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	switch {
	case err != nil:
		s.fail(err.Error())
	case known && response.StatusCode == http.StatusOK:
		s.passed.Add(1)
	case !known && response.StatusCode == http.StatusUnauthorized:
		s.refused.Add(1)
	default:
		s.fail(fmt.Sprintf("known %t: %d %s", known, response.StatusCode, body))
	}
}

func (s *stream) fail(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, what)
}

// roll restarts every replica in turn while requests flow on the listeners, and
// gives what came of them.
func roll(t *testing.T, f *fleet, rounds int, end func(*mesh.Sallyport) error, listeners ...string) []*stream {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var streams []*stream
	var running sync.WaitGroup
	for _, listener := range listeners {
		s := f.stream(listener)
		streams = append(streams, s)
		running.Go(func() { s.run(ctx, 100) })
	}
	for range rounds {
		for _, r := range f.replicas {
			f.healthy(t, int64(len(f.replicas)))
			r.restart(t, end)
		}
	}
	f.healthy(t, int64(len(f.replicas)))
	stop()
	running.Wait()
	for i, s := range streams {
		t.Logf("%s: %d sent: %d passed, %d refused, %d failed; Envoy tried %d again", listeners[i], s.sent, s.passed.Load(), s.refused.Load(), len(s.failures), f.stat(t, "cluster.authz.upstream_rq_retry"))
	}
	return streams
}

// TestRollingRestart: two replicas are restarted in turn, several times, and of
// the hundred requests a second on either listener none notices: with the one
// retry that operators are told to set, nor without it, which is what shows that
// the drain suffices. Guards: service.drain, SetServing(false) before it,
// GracefulStop after it.
func TestRollingRestart(t *testing.T) {
	f := beginFleet(t, rolling, "1s", "1s")
	listeners, sent := []string{"retrying", "plain"}, 0
	for i, s := range roll(t, f, 3, (*mesh.Sallyport).Stop, listeners...) {
		if len(s.failures) > 0 || s.sent < 500 || int(s.passed.Load()+s.refused.Load()) != s.sent {
			t.Errorf("%s: of %d requests %d failed, first %q", listeners[i], s.sent, len(s.failures), s.failures[:min(3, len(s.failures))])
		}
		if errors := f.stat(t, "http."+listeners[i]+".ext_authz.error"); errors != 0 {
			t.Errorf("%s: Envoy counted %d errors", listeners[i], errors)
		}
		sent += s.sent
	}
	for i, r := range f.replicas {
		if answered := r.answered + len(r.Records()); answered < sent/10 {
			t.Errorf("replica %d answered %d of %d: the restarts of the other one proved nothing", i, answered, sent)
		}
	}
}

func (f *fleet) stat(t *testing.T, name string) int64 {
	t.Helper()
	stats, err := f.envoy.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stats[name]
}

// TestKilledReplica: whoever is killed takes the Checks under way along. The
// retry saves those, and until health says so, Envoy's next ones; what it cannot
// save is an error, never an allow.
func TestKilledReplica(t *testing.T) {
	f := beginFleet(t, rolling, "1s", "1s")
	s := roll(t, f, 1, func(s *mesh.Sallyport) error {
		err := s.Kill()
		time.Sleep(time.Second) // for Envoy to find out
		return err
	}, "retrying")[0]
	for _, failure := range s.failures {
		if !strings.Contains(failure, ": 502") {
			t.Errorf("got %s", failure)
		}
	}
	// How many are under way, and how long Envoy takes to find out, depends on the
	// machine: most of those that were hit are saved.
	if saved := int(f.stat(t, "cluster.authz.upstream_rq_retry_success")); saved == 0 || len(s.failures) > saved {
		t.Errorf("%d of %d failed, the retry saved %d", len(s.failures), s.sent, saved)
	} else {
		t.Logf("the retry saved %d", saved)
	}
}
