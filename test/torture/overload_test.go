package main

import (
	"errors"
	"testing"
	"time"
)

// A toll that finds nothing proves nothing. Each row names the rule that it goes
// green without.
func TestTollFindsWhatIsWrong(t *testing.T) {
	tests := []struct {
		name       string
		change     func(*toll)
		safe, fast bool
	}{
		{"as it should be", func(*toll) {}, true, true},
		{"an allow to nobody", func(t *toll) { t.wrong = 1 }, false, true},
		{"an error", func(t *toll) { t.errors = []error{errors.New("unavailable")} }, false, true},
		{"an answer after the deadline", func(t *toll) { t.late = 1 }, true, false},
		{"an odd denial", func(t *toll) { t.other = 1 }, false, true},
		{"too few decided", func(t *toll) { t.allowed = peak * 85 / 100 }, true, false},
		{"allowed late, which the factor bears", func(t *toll) { t.toAllow = []time.Duration{envoys} }, true, true},
		{"shed late", func(t *toll) { t.toShed = []time.Duration{time.Second} }, true, false},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			sum := &toll{allowed: peak, toShed: []time.Duration{time.Millisecond}}
			c.change(sum)
			if safe, fast := sum.safe() == nil, sum.fast(10) == nil; safe != c.safe || fast != c.fast {
				t.Errorf("got %t %t, want %t %t", safe, fast, c.safe, c.fast)
			}
		})
	}
}

func TestTollAtTwiceThePeak(t *testing.T) {
	for _, c := range []struct {
		allowed int
		took    time.Duration
		fast    bool
	}{{peak * 85 / 100, thinking, true}, {peak * 75 / 100, thinking, false}, {peak, 3 * thinking, false}} {
		sum := &toll{allowed: c.allowed, toAllow: []time.Duration{c.took}}
		if got := sum.fast(2) == nil; got != c.fast {
			t.Errorf("%d allowed within %s: got %t", c.allowed, c.took, got)
		}
	}
}
