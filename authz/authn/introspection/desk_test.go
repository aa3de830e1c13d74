package introspection_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
)

// gate is an endpoint that answers when it is opened, and tells who came.
type gate struct {
	came   chan struct{}
	open   chan struct{}
	now    atomic.Int64
	most   atomic.Int64
	answer func(context.Context) ([]byte, error)
}

func newGate() *gate {
	return &gate{came: make(chan struct{}, 1<<10), open: make(chan struct{}), answer: func(context.Context) ([]byte, error) { return []byte(ann), nil }}
}

func (g *gate) PostForm(ctx context.Context, _, _, _ string) ([]byte, error) {
	now := g.now.Add(1)
	defer g.now.Add(-1)
	for most := g.most.Load(); now > most && !g.most.CompareAndSwap(most, now); most = g.most.Load() {
	}
	g.came <- struct{}{}
	select {
	case <-g.open:
		return g.answer(ctx)
	case <-ctx.Done():
		return nil, fmt.Errorf("ask: %w", ctx.Err())
	}
}

// TestOnce: equal tokens are asked about once, and the question outlives who asked
// first.
func TestOnce(t *testing.T) {
	g := newGate()
	a := authenticator(t, settings(g))
	first, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, _, err := a.Authenticate(first, authz.Credential{Value: authz.NewSecret(token)})
		gone <- err
	}()
	<-g.came
	cancel()
	if err := <-gone; !unknown(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("whoever left: got %v", err)
	}
	var group sync.WaitGroup
	const together = 50
	for range together {
		group.Go(func() {
			if caller, _, err := ask(t, a, token); err != nil || caller.Subject != "ann" {
				t.Errorf("got %v, %v", caller, err)
			}
		})
	}
	for introspection.Waiting(a) < together {
		runtime.Gosched()
	}
	close(g.open)
	group.Wait()
	if _, _, err := ask(t, a, token); err != nil || len(g.came) != 0 {
		t.Errorf("got %v; asked %d times more", err, len(g.came))
	}
}

// TestBounds: of many tokens that nobody knows, 256 are asked about, MostCalls at once,
// and 128 who asked wait. Those who are known wait for none of them.
func TestBounds(t *testing.T) {
	const many, questions, waiting, atOnce = 300, 256, 128, 3
	g := newGate()
	a := authenticator(t, settings(g, func(s *introspection.Settings) { s.MostCalls = atOnce }))
	open := g.open
	g.open = make(chan struct{})
	close(g.open)
	if _, _, err := ask(t, a, token); err != nil {
		t.Fatal(err)
	}
	<-g.came
	g.open = open
	results := make(chan error, many)
	for i := range many {
		go func() {
			_, _, err := ask(t, a, fmt.Sprint("made-up-", i))
			results <- err
		}()
	}
	for range many - waiting {
		if err := <-results; !unknown(err) {
			t.Fatalf("beyond the bound: got %v", err)
		}
	}
	if got := introspection.Questions(a); got != questions {
		t.Errorf("%d questions, want %d", got, questions)
	}
	if _, _, err := ask(t, a, token); err != nil {
		t.Errorf("who is known: got %v", err)
	}
	for range atOnce {
		<-g.came
	}
	close(open)
	for range waiting {
		if err := <-results; err != nil {
			t.Errorf("within the bound: got %v", err)
		}
	}
	for range questions - atOnce {
		<-g.came
	}
	if g.most.Load() != atOnce {
		t.Errorf("%d questions at once, want %d", g.most.Load(), atOnce)
	}
}

// TestEndpointHangs: the question ends with the timeout, and with it everybody's wait.
func TestEndpointHangs(t *testing.T) {
	g := newGate()
	a := authenticator(t, settings(g, func(s *introspection.Settings) { s.Timeout, s.MostCalls = 50*time.Millisecond, 1 }))
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			if _, _, err := ask(t, a, fmt.Sprint("made-up-", i)); !unknown(err) {
				t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
}

// TestFaults (T-C22): whatever the endpoint does, nobody can tell, nothing is
// remembered, and the process lives.
func TestFaults(t *testing.T) {
	var fault func(context.Context) ([]byte, error)
	f := about(ann)
	f.faults = map[string]func(context.Context) ([]byte, error){token: func(ctx context.Context) ([]byte, error) { return fault(ctx) }}
	a := authenticator(t, settings(f))
	for name, answer := range map[string]func(context.Context) ([]byte, error){
		"refused": func(context.Context) ([]byte, error) { return nil, errRefused },
		"panic":   func(context.Context) ([]byte, error) { panic("about " + token) },
		"nothing": func(context.Context) ([]byte, error) { return nil, nil },
	} {
		fault = answer
		_, basis, err := ask(t, a, token)
		if !unknown(err) || basis.Lasting || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v, %v", name, basis, err)
		}
	}
	delete(f.faults, token)
	if _, _, err := ask(t, a, token); err != nil {
		t.Errorf("a whole answer afterwards: got %v", err)
	}
}

// TestAge: an answer is used to its age, counted from when it was asked for, and what
// is then known is asked for anew.
func TestAge(t *testing.T) {
	var now atomic.Int64
	f := about(ann)
	slow := time.Duration(0)
	f.faults = map[string]func(context.Context) ([]byte, error){token: func(context.Context) ([]byte, error) {
		now.Add(int64(slow))
		return []byte(f.answers[token]), nil
	}}
	a := authenticator(t, settings(f, func(s *introspection.Settings) {
		s.Now = func() time.Time { return today.Add(time.Duration(now.Load())) }
	}))
	for _, step := range []struct {
		name  string
		at    time.Duration
		says  string
		slow  time.Duration
		calls int64
		want  string
		until time.Duration
	}{
		{"first", 0, ann, time.Second, 1, "caller", 30 * time.Second},
		{"revoked, and remembered", 29 * time.Second, `{"active":false}`, 0, 1, "caller", 30 * time.Second},
		{"revoked, and asked about", 30 * time.Second, `{"active":false}`, 0, 2, "rejected", 35 * time.Second},
		{"active again, and remembered", 34 * time.Second, ann, 0, 2, "rejected", 35 * time.Second},
		{"active again", 35 * time.Second, ann, 0, 3, "caller", 65 * time.Second},
		{"too late to hold", 70 * time.Second, ann, 31 * time.Second, 4, "unknown", 0},
	} {
		now.Store(int64(step.at))
		f.answers[token], slow = step.says, step.slow
		_, basis, err := ask(t, a, token)
		got := "caller"
		switch {
		case errors.Is(err, authz.ErrRejected):
			got = "rejected"
		case err != nil:
			got = "unknown"
		}
		if got != step.want || f.calls.Load() != step.calls || got != "unknown" && !basis.Until.Equal(today.Add(step.until)) {
			t.Errorf("%s: got %s (%v) until %v after %d calls", step.name, got, err, basis.Until.Sub(today), f.calls.Load())
		}
	}
}

// TestMemoryIsBounded: made-up tokens push out no answer about a real one, and real
// ones are kept up to a size.
func TestMemoryIsBounded(t *testing.T) {
	f := &fake{answers: map[string]string{token: ann}}
	a := authenticator(t, settings(f))
	for i := range 5000 {
		f.answers[fmt.Sprint("real-", i)] = with("groups", `"`+strings.Repeat("g", 16<<10)+`"`)
	}
	known := func(name string) bool {
		before := f.calls.Load()
		_, _, err := ask(t, a, name)
		return err == nil && f.calls.Load() == before
	}
	known(token)
	for i := range 33_000 { // more than find room where callers are kept
		_, _, _ = ask(t, a, fmt.Sprint("made-up-", i))
	}
	if !known(token) {
		t.Error("made-up tokens pushed out a real one")
	}
	if rejections, _ := introspection.Remembered(a); rejections > 5000 {
		t.Errorf("%d rejections are remembered", rejections)
	}
	for i := range 5000 {
		known(fmt.Sprint("real-", i))
	}
	if _, callers := introspection.Remembered(a); callers > 1100 {
		t.Errorf("%d callers of 16 KiB are remembered", callers)
	}
	if known(token) || !known(token) {
		t.Error("what was pushed out is not asked about again, or not remembered again")
	}
}
