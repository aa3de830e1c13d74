package verifier_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// TestIdle: a success that nobody uses is forgotten, one that is used is not.
// Guards: the two cases of memory.turn; the move in memory.knows.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		name  string
		pause []time.Duration
		runs  uint64
	}{
		{"used all the time", []time.Duration{40 * time.Minute, 40 * time.Minute, 40 * time.Minute, 40 * time.Minute, 40 * time.Minute}, 1},
		{"not used for long", []time.Duration{2*time.Hour + 1}, 2},
		{"after its time and before twice that", []time.Duration{119 * time.Minute}, 1},
		{"twice not used for long", []time.Duration{3 * time.Hour, 3 * time.Hour}, 3},
		{"the clock goes back", []time.Duration{-time.Hour}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := noon()
			v, err := verifier.New(settings(t), func() time.Time { return at })
			if err != nil {
				t.Fatal(err)
			}
			text := password(t, v, "right")
			start := v.Counters().Runs
			verify(t, v, attempt(text, "a", "right"))
			for _, pause := range c.pause {
				at = at.Add(pause)
				verify(t, v, attempt(text, "a", "right"))
			}
			if got := v.Counters().Runs - start; got != c.runs {
				t.Errorf("%d runs, want %d", got, c.runs)
			}
		})
	}
}

// TestMemoryIsBounded: however many succeed; those in use stay. Guard: the length
// in memory.remember.
func TestMemoryIsBounded(t *testing.T) {
	s := settings(t)
	s.Remembered = 20
	v := made(t, s)
	text := password(t, v, "right")
	start := v.Counters().Runs
	verify(t, v, attempt(text, "busy", "right"))
	for i := range 100 {
		verify(t, v, attempt(text, strconv.Itoa(i), "right"))
		verify(t, v, attempt(text, "busy", "right"))
		if known := v.Counters().Known; known > 20 {
			t.Fatalf("%d are remembered after %d", known, i)
		}
	}
	if got := v.Counters().Runs - start; got != 101 {
		t.Errorf("%d runs, want 101", got)
	}
}
