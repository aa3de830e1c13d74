package uses_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz/uses"
)

// TestShownWithinAMinute (G12, the room's part).
func TestShownWithinAMinute(t *testing.T) { synctest.Test(t, shownWithinAMinute) }

// shownWithinAMinute lets one token be used every 100 ms for an hour: each use is in
// the store within 60 s, and the store is told at most once in 50 s. Guards: Pause, and
// forget, without which a token is told of once only.
func shownWithinAMinute(t *testing.T) {
	s := &store{}
	r := newRecorder(t, uses.Settings{Store: s, Now: time.Now})
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { r.Run(ctx) })
	begin, shown, told := time.Now(), time.Now(), 0
	for time.Since(begin) < time.Hour {
		r.Record(use("t1", time.Now()))
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		s.mu.Lock()
		if len(s.calls) > told {
			told, shown = len(s.calls), s.calls[len(s.calls)-1]["t1"]
		}
		s.mu.Unlock()
		if late := time.Since(shown); late > time.Minute {
			t.Fatalf("after %s the use shown is %s old", time.Since(begin), late)
		}
	}
	if told > 72 {
		t.Errorf("the store was told %d times in an hour", told)
	}
	cancel()
	group.Wait()
}

// TestRunEnds: the end of the process hands over what is left, also of a token that
// was told of just now. Guard: the branch of Run behind the context.
func TestRunEnds(t *testing.T) {
	s := &store{}
	r := newRecorder(t, uses.Settings{Store: s})
	r.Record(use("t1", noon))
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.Record(use("t1", noon.Add(time.Second)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.Run(ctx)
	if len(s.calls) != 2 || !s.calls[1]["t1"].Equal(noon.Add(time.Second)) {
		t.Errorf("got %v", s.calls)
	}
}
