package verifier_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// TestEven: what needs a slow hash, or is refused before one, waits until 2 ms after
// the search began; a success that is remembered does not. Guards: even and remembers
// in slowly and their order, and the lines of even.
func TestEven(t *testing.T) {
	s := settings(t)
	s.ByAccount = &budget{left: 3}
	v, err := verifier.New(s, noon)
	if err != nil {
		t.Fatal(err)
	}
	var paused []time.Duration
	v.Pausing(func(d time.Duration) { paused = append(paused, d) })
	text := password(t, v, "right")
	for _, c := range []struct {
		name, text, secret string
		begun              time.Time
		waits              time.Duration
		want               error
	}{
		{"of which nobody says when it began", text, "right", time.Time{}, 0, nil},
		{"remembered", text, "right", noon(), 0, nil},
		{"a hash", text, "wrong", noon().Add(-time.Millisecond), time.Millisecond, nil},
		{"an unknown name's hash", "", "wrong", noon(), 2 * time.Millisecond, nil},
		{"a refusal", text, "too many", noon(), 2 * time.Millisecond, authz.ErrThrottled},
		{"an unknown name's refusal", "", "too many", noon(), 2 * time.Millisecond, authz.ErrThrottled},
		{"a search that took longer", text, "too many", noon().Add(-time.Second), 0, authz.ErrThrottled},
		{"a clock that was set back", text, "too many", noon().Add(time.Hour), 2 * time.Millisecond, authz.ErrThrottled},
	} {
		t.Run(c.name, func(t *testing.T) {
			paused = nil
			a := attempt(c.text, "alice", c.secret)
			a.Begun = c.begun
			if _, err := v.Verify(t.Context(), a); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if c.waits == 0 && len(paused) != 0 || c.waits != 0 && (len(paused) != 1 || paused[0] != c.waits) {
				t.Errorf("waited %v, want %s", paused, c.waits)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	v.Pausing(func(time.Duration) { cancel() })
	a := attempt(text, "alice", "wrong")
	a.Begun = noon()
	if _, err := v.Verify(ctx, a); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that ended meanwhile: got %v", err)
	}
}

// TestPause: the head start is waited for.
func TestPause(t *testing.T) {
	v := made(t, settings(t))
	a := attempt("", "ulrich", "wrong")
	a.Begun = time.Now()
	verify(t, v, a)
	if took := time.Since(a.Begun); took < 2*time.Millisecond {
		t.Errorf("it took %s", took)
	}
}
