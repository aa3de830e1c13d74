package uses_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/uses"
)

// noon is when the tests begin.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// store keeps what it was told, call by call.
type store struct {
	mu    sync.Mutex
	calls []map[string]time.Time
	err   error
	hold  chan struct{}
}

func (s *store) Used(ctx context.Context, last map[string]time.Time) error {
	if s.hold != nil {
		s.hold <- struct{}{}
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || ctx.Err() != nil {
		return errors.Join(s.err, ctx.Err())
	}
	s.calls = append(s.calls, last)
	return nil
}

// clock is set by the test.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newRecorder(t testing.TB, settings uses.Settings) *uses.Recorder {
	t.Helper()
	if settings.Now == nil {
		settings.Now = (&clock{noon}).now
	}
	settings.Kinds = []string{"token"}
	r, err := uses.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// route accepts an authenticator of the store's kind and one of another.
var route = &authz.Route{Accept: [][]*authz.Configured{{{Name: "jwt", Kind: "jwt"}}, {{Name: "pat", Kind: "token"}}}}

// use is an allowed Check with a token.
func use(id string, at time.Time) authz.Event {
	return authz.Event{Start: at, Verdict: authz.Verdict{
		Effect: authz.Allow, Trail: authz.Trail{Route: route, Caller: authz.Caller{Authenticator: "pat", TokenID: id}},
	}}
}

// TestWhatIsAUse. Guards: the conditions of Record and stored, each by its row.
func TestWhatIsAUse(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*authz.Event)
		want   int
	}{
		{"allowed", func(*authz.Event) {}, 1},
		{"remembered", func(e *authz.Event) { e.Verdict.Trail.Cache = authz.CacheHit }, 1},
		{"denied", func(e *authz.Event) { e.Verdict.Effect = authz.Deny }, 0},
		{"no token", func(e *authz.Event) { e.Verdict.Trail.Caller.TokenID = "" }, 0},
		{"another kind's id", func(e *authz.Event) { e.Verdict.Trail.Caller.Authenticator = "jwt" }, 0},
		{"an authenticator that the route does not know", func(e *authz.Event) { e.Verdict.Trail.Caller.Authenticator = "" }, 0},
		{"no route", func(e *authz.Event) { e.Verdict.Trail.Route = nil }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &store{}
			r := newRecorder(t, uses.Settings{Store: s})
			e := use("t1", noon)
			test.change(&e)
			r.Record(e)
			if err := r.Flush(t.Context()); err != nil || len(s.calls) != test.want {
				t.Errorf("got %d calls and %v, want %d", len(s.calls), err, test.want)
			}
		})
	}
}

// TestLatestUse: of several uses the last one is told, in whatever order their Checks
// end. Guards: the comparison in Record, the one in merge.
func TestLatestUse(t *testing.T) {
	s := &store{err: errors.New("down")}
	r := newRecorder(t, uses.Settings{Store: s})
	for _, after := range []time.Duration{time.Second, 3 * time.Second, 2 * time.Second} {
		r.Record(use("t1", noon.Add(after)))
	}
	_ = r.Flush(t.Context())
	r.Record(use("t1", noon)) // an older one than what waits already
	s.err = nil
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.calls, []map[string]time.Time{{"t1": noon.Add(3 * time.Second)}}); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
}

// TestFailedIsTriedAgain: what the store did not take is neither lost nor silent.
func TestFailedIsTriedAgain(t *testing.T) {
	s := &store{err: errors.New("disk full")}
	r := newRecorder(t, uses.Settings{Store: s})
	r.Record(use("t1", noon))
	if err := r.Flush(t.Context()); !errors.Is(err, s.err) || r.Failed() != 1 {
		t.Fatalf("got %v and %d failures", err, r.Failed())
	}
	s.err = nil
	if err := r.Flush(t.Context()); err != nil || len(s.calls) != 1 || !s.calls[0]["t1"].Equal(noon) {
		t.Errorf("got %v and %v", err, s.calls)
	}
	if err := r.Flush(t.Context()); err != nil || len(s.calls) != 1 {
		t.Errorf("it was told twice: %v, %v", err, s.calls)
	}
}

// TestBounded: uses of too many tokens are dropped and counted, where they are noted
// and where they wait. Guards: the first cases of Record and of merge.
func TestBounded(t *testing.T) {
	s := &store{err: errors.New("down")}
	r := newRecorder(t, uses.Settings{Store: s, Most: 3})
	for i := range 5 {
		r.Record(use(fmt.Sprint("first", i), noon))
	}
	if got := r.Dropped(); got != 2 {
		t.Errorf("noted: got %d dropped, want 2", got)
	}
	_ = r.Flush(t.Context())
	r.Record(use("first0", noon.Add(time.Second)))
	r.Record(use("second", noon))
	_ = r.Flush(t.Context())
	if got := r.Dropped(); got != 3 {
		t.Errorf("waiting: got %d dropped, want 3", got)
	}
	s.err = nil
	if err := r.Flush(t.Context()); err != nil || len(s.calls) != 1 || len(s.calls[0]) != 3 || !s.calls[0]["first0"].Equal(noon.Add(time.Second)) {
		t.Errorf("got %v and %v", err, s.calls)
	}
}

// TestBatches: no call is a long one. Guard: the break in due.
func TestBatches(t *testing.T) {
	s := &store{}
	r := newRecorder(t, uses.Settings{Store: s})
	for i := range 2500 {
		r.Record(use(fmt.Sprint(i), noon))
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, call := range s.calls {
		if len(call) > 1000 {
			t.Errorf("one call tells of %d tokens", len(call))
		}
		for id := range call {
			all[id] = true
		}
	}
	if len(all) != 2500 {
		t.Errorf("told of %d tokens, want 2500", len(all))
	}
}

// TestRecordNeverWaits: not for a store that hangs either. Guard: the store is called
// outside of Record's lock.
func TestRecordNeverWaits(t *testing.T) {
	s := &store{hold: make(chan struct{})}
	r := newRecorder(t, uses.Settings{Store: s})
	r.Record(use("t1", noon))
	ended := make(chan error)
	go func() { ended <- r.Flush(t.Context()) }()
	<-s.hold // the store is at work
	recorded := make(chan struct{})
	go func() { r.Record(use("t2", noon)); close(recorded) }()
	select {
	case <-recorded:
	case <-time.After(5 * time.Second):
		t.Error("Record waits for the store")
	}
	s.hold <- struct{}{}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestParallel(t *testing.T) {
	s := &store{}
	r := newRecorder(t, uses.Settings{Store: s})
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 1000 {
				r.Record(use(fmt.Sprint(i%10), noon.Add(time.Duration(g*1000+i))))
				if i%100 == 0 {
					_ = r.Flush(t.Context())
				}
			}
		})
	}
	group.Wait()
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := map[string]time.Time{}
	for _, call := range s.calls {
		for id, at := range call {
			if at.After(last[id]) {
				last[id] = at
			}
		}
	}
	for i := range 10 {
		if want := noon.Add(time.Duration(3990 + i)); !last[fmt.Sprint(i)].Equal(want) {
			t.Errorf("token %d: got %s, want %s", i, last[fmt.Sprint(i)], want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := uses.Settings{Store: &store{}, Kinds: []string{"token"}, Now: (&clock{noon}).now}
	for name, change := range map[string]func(*uses.Settings){
		"store": func(s *uses.Settings) { s.Store = nil }, "clock": func(s *uses.Settings) { s.Now = nil },
		"kinds": func(s *uses.Settings) { s.Kinds = nil }, "every": func(s *uses.Settings) { s.Every = -1 },
		"pause": func(s *uses.Settings) { s.Pause = -1 }, "most": func(s *uses.Settings) { s.Most = -1 },
	} {
		settings := good
		change(&settings)
		if r, err := uses.New(settings); err == nil || r != nil {
			t.Errorf("%s: got %v, %v", name, r, err)
		}
	}
	if _, err := uses.New(good); err != nil {
		t.Error(err)
	}
}

// BenchmarkRecord is what a Check pays for it.
func BenchmarkRecord(b *testing.B) {
	r := newRecorder(b, uses.Settings{Store: &store{}})
	id := strings.Repeat("t", 26)
	e := use(id, noon)
	b.ReportAllocs()
	for b.Loop() {
		r.Record(e)
	}
}
