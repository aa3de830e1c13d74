package facts_test

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

	"github.com/sallyport-authz/sallyport/authz/facts"
)

// today is when the tests happen, unless they wind the clock.
var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

type fact = facts.Fact[string]

// source answers with the key itself, when it is opened, and tells who came. Of keys
// that begin with "no" there is nothing.
type source struct {
	came      chan struct{}
	open      chan struct{}
	now, most atomic.Int64
}

func newSource() *source {
	return &source{came: make(chan struct{}, 1<<17), open: make(chan struct{})}
}

// opened is a source that answers at once.
func opened() *source {
	s := newSource()
	close(s.open)
	return s
}

func (s *source) ask(ctx context.Context, key string) (fact, error) {
	now := s.now.Add(1)
	defer s.now.Add(-1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	s.came <- struct{}{}
	select {
	case <-s.open:
		return fact{Value: key, Nothing: strings.HasPrefix(key, "no"), Size: 16 << 10}, nil
	case <-ctx.Done():
		return fact{}, fmt.Errorf("ask: %w", ctx.Err())
	}
}

func settings(ask func(context.Context, string) (fact, error)) facts.Settings[string] {
	return facts.Settings[string]{Ask: ask, MaxAge: 30 * time.Second, Timeout: 5 * time.Second, MostCalls: 3, Now: func() time.Time { return today }}
}

func desk(t *testing.T, s facts.Settings[string]) *facts.Desk[string] {
	t.Helper()
	d, err := facts.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOnce: about equal keys is asked once, and the question outlives who asked first.
func TestOnce(t *testing.T) {
	s := newSource()
	d := desk(t, settings(s.ask))
	first, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := d.Ask(first, "ann")
		gone <- err
	}()
	<-s.came
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("whoever left: got %v", err)
	}
	var group sync.WaitGroup
	const together = 50
	for range together {
		group.Go(func() {
			if found, err := d.Ask(t.Context(), "ann"); err != nil || found.Value != "ann" {
				t.Errorf("got %v, %v", found, err)
			}
		})
	}
	for d.Counts().Waiting < together {
		runtime.Gosched()
	}
	close(s.open)
	group.Wait()
	if _, err := d.Ask(t.Context(), "ann"); err != nil || len(s.came) != 0 {
		t.Errorf("got %v; asked %d times more", err, len(s.came))
	}
}

// TestBounds: of many keys that nobody knows, 256 are asked about, MostCalls at once,
// and 128 who asked wait. Those who are known wait for none of them.
func TestBounds(t *testing.T) {
	const many, questions, waiting, atOnce = 300, 256, 128, 3
	s := opened()
	d := desk(t, settings(s.ask))
	if _, err := d.Ask(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	<-s.came
	open := make(chan struct{})
	s.open = open
	results := make(chan error, many)
	for i := range many {
		go func() {
			_, err := d.Ask(t.Context(), fmt.Sprint("made-up-", i))
			results <- err
		}()
	}
	for range many - waiting {
		if err := <-results; err == nil {
			t.Fatal("there is no bound")
		}
	}
	if got := d.Counts().Questions; got != questions {
		t.Errorf("%d questions, want %d", got, questions)
	}
	if _, err := d.Ask(t.Context(), "ann"); err != nil {
		t.Errorf("who is known: got %v", err)
	}
	for range atOnce {
		<-s.came
	}
	close(open)
	for range waiting {
		if err := <-results; err != nil {
			t.Errorf("within the bound: got %v", err)
		}
	}
	for range questions - atOnce {
		<-s.came
	}
	if s.most.Load() != atOnce {
		t.Errorf("%d questions at once, want %d", s.most.Load(), atOnce)
	}
}

// TestSourceHangs: the question ends with the timeout, and with it everybody's wait.
func TestSourceHangs(t *testing.T) {
	hangs := settings(newSource().ask)
	hangs.Timeout, hangs.MostCalls = 50*time.Millisecond, 1
	d := desk(t, hangs)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			if _, err := d.Ask(t.Context(), fmt.Sprint("made-up-", i)); err == nil {
				t.Error("it was answered")
			}
		})
	}
	group.Wait()
}

// TestErrorsAreNotRemembered, and neither is a panic, nor what it says.
func TestErrorsAreNotRemembered(t *testing.T) {
	calls := 0
	d := desk(t, settings(func(context.Context, string) (fact, error) {
		calls++
		switch calls {
		case 1:
			return fact{Value: "half"}, errors.New("refused")
		case 2:
			panic("about ann")
		default:
			return fact{Value: "whole"}, nil
		}
	}))
	for range 2 {
		if found, err := d.Ask(t.Context(), "ann"); err == nil || found != (fact{}) || strings.Contains(err.Error(), "ann") {
			t.Errorf("got %v, %v", found, err)
		}
	}
	if found, err := d.Ask(t.Context(), "ann"); err != nil || found.Value != "whole" {
		t.Errorf("got %v, %v", found, err)
	}
}

// TestAge: an answer counts to its age, from before it was asked for, or to where it
// says so; that there is nothing counts for five seconds.
func TestAge(t *testing.T) {
	var now atomic.Int64
	var answer fact
	slow := time.Duration(0)
	calls := 0
	timed := settings(func(context.Context, string) (fact, error) {
		calls++
		now.Add(int64(slow))
		return answer, nil
	})
	timed.Now = func() time.Time { return today.Add(time.Duration(now.Load())) }
	d := desk(t, timed)
	soon := today.Add(100 * time.Second)
	for _, step := range []struct {
		name   string
		at     time.Duration
		answer fact
		slow   time.Duration
		calls  int
		want   string
		until  time.Duration
	}{
		{"first", 0, fact{Value: "a"}, time.Second, 1, "a", 30 * time.Second},
		{"remembered", 29 * time.Second, fact{Nothing: true}, 0, 1, "a", 30 * time.Second},
		{"nothing", 30 * time.Second, fact{Nothing: true}, 0, 2, "", 35 * time.Second},
		{"nothing, remembered", 34 * time.Second, fact{Value: "b"}, 0, 2, "", 35 * time.Second},
		{"again", 35 * time.Second, fact{Value: "b"}, 0, 3, "b", 65 * time.Second},
		{"ends by itself", 80 * time.Second, fact{Value: "c", Until: soon}, 0, 4, "c", 100 * time.Second},
		{"does not live longer", 100 * time.Second, fact{Value: "d", Until: soon.Add(time.Hour)}, 0, 5, "d", 130 * time.Second},
		{"nothing turns soon", 130 * time.Second, fact{Nothing: true, Until: today.Add(132 * time.Second)}, 0, 6, "", 132 * time.Second},
		{"too late to hold", 140 * time.Second, fact{Value: "e"}, 31 * time.Second, 7, "late", 0},
		{"turned already", 200 * time.Second, fact{Value: "f", Until: soon}, 0, 8, "f", 230 * time.Second},
		{"turned meanwhile", 230 * time.Second, fact{Value: "g", Until: today.Add(231 * time.Second)}, time.Second, 9, "late", 0},
	} {
		now.Store(int64(step.at))
		answer, slow = step.answer, step.slow
		found, err := d.Ask(t.Context(), "ann")
		got := found.Value
		if err != nil {
			got = "late"
		}
		if got != step.want || calls != step.calls || err == nil && !found.Until.Equal(today.Add(step.until)) {
			t.Errorf("%s: got %s (%v) until %v after %d calls", step.name, got, err, found.Until.Sub(today), calls)
		}
	}
}

// TestMemoryIsBounded: made-up keys push out no answer about a real one, and real ones
// are kept up to a size.
func TestMemoryIsBounded(t *testing.T) {
	s := opened()
	d := desk(t, settings(s.ask))
	known := func(key string) bool {
		before := len(s.came)
		_, err := d.Ask(t.Context(), key)
		return err == nil && len(s.came) == before
	}
	known("ann")
	for i := range 33_000 { // more than find room where facts are kept
		known(fmt.Sprint("no-", i))
	}
	if !known("ann") {
		t.Error("made-up keys pushed out a real one")
	}
	if got := d.Counts().Nothing; got > 5000 {
		t.Errorf("of %d is remembered that there is nothing", got)
	}
	for i := range 5000 {
		known(fmt.Sprint("real-", i))
	}
	if got := d.Counts().Facts; got > 1100 {
		t.Errorf("%d facts of 16 KiB are remembered", got)
	}
	if known("ann") || !known("ann") {
		t.Error("what was pushed out is not asked about again, or not remembered again")
	}
}

// TestNewRefuses half of a source.
func TestNewRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*facts.Settings[string]){
		"no source":   func(s *facts.Settings[string]) { s.Ask = nil },
		"no clock":    func(s *facts.Settings[string]) { s.Now = nil },
		"no age":      func(s *facts.Settings[string]) { s.MaxAge = 0 },
		"no timeout":  func(s *facts.Settings[string]) { s.Timeout = 0 },
		"nobody asks": func(s *facts.Settings[string]) { s.MostCalls = 0 },
	} {
		broken := settings(opened().ask)
		spoil(&broken)
		if _, err := facts.New(broken); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}
