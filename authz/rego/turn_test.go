package rego_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/rego"
)

// Whoever finds all processors busy waits for a quarter of its time, and for the
// longest queue at most; then it is shed, and whoever comes when one is free is not.
// Guards: the bound of take, its timer, give.
func TestTurns(t *testing.T) {
	cases := []struct {
		name    string
		longest time.Duration
		left    time.Duration // 0: no deadline
		want    time.Duration
	}{
		{"no deadline", 50 * time.Millisecond, 0, 50 * time.Millisecond},
		{"much time", 50 * time.Millisecond, time.Second, 50 * time.Millisecond},
		{"a quarter", 50 * time.Millisecond, 40 * time.Millisecond, 10 * time.Millisecond},
		{"a slow policy", 4 * time.Second, 8 * time.Second, 2 * time.Second},
		{"none", 50 * time.Millisecond, -time.Second, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := rego.NewTurns(2, c.longest)
				ctx := t.Context()
				if c.left != 0 {
					limited, cancel := context.WithTimeout(ctx, c.left)
					defer cancel()
					ctx = limited
				}
				for range 2 {
					if err := turns.Take(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				began := time.Now()
				err := turns.Take(ctx)
				if took := time.Since(began); err == nil || took != c.want || c.left >= 0 && !errors.Is(err, authz.ErrBusy) {
					t.Errorf("got %v after %s, want busy after %s", err, took, c.want)
				}
				turns.Give()
				if err := turns.Take(t.Context()); err != nil {
					t.Errorf("with one free: %v", err)
				}
			})
		})
	}
}

// TestTurnComes: who waits gets the turn that is given back.
func TestTurnComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := rego.NewTurns(1, 50*time.Millisecond)
		if err := turns.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(30*time.Millisecond, turns.Give)
		if err := turns.Take(t.Context()); err != nil {
			t.Errorf("got %v, want the turn", err)
		}
	})
}

// TestLongestQueue: a policy that is given long is waited for longer, so that a
// burst of slow evaluations is decided and not shed. The guard is newTurns.
func TestLongestQueue(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: 50 * time.Millisecond, 8 * time.Second: 4 * time.Second} {
		p, err := rego.New(t.Context(), rego.Settings{Timeout: timeout})
		if err != nil {
			t.Fatal(err)
		}
		if got := rego.LongestQueue(p); got != want {
			t.Errorf("timeout %s: got %s, want %s", timeout, got, want)
		}
	}
}

// TestPolicyTakesTurns: an evaluation holds a turn while it runs and gives it
// back, also when it ends in an error. A policy that may wait for the network
// holds none.
func TestPolicyTakesTurns(t *testing.T) {
	for name, c := range map[string]struct {
		settings rego.Settings
		bounded  bool
	}{
		"all processor": {rego.Settings{}, true},
		"may wait":      {rego.Settings{Grant: []string{"http.send"}, AllowNet: []string{"example.org"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := rego.New(t.Context(), c.settings)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				_, _ = p.Decide(t.Context(), &authz.Input{})
			}
			release := rego.FillTurns(p)
			ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
			defer cancel()
			if _, err := p.Decide(ctx, &authz.Input{}); errors.Is(err, authz.ErrBusy) != c.bounded {
				t.Errorf("with all processors taken: got %v", err)
			}
			release()
			if _, err := p.Decide(t.Context(), &authz.Input{}); errors.Is(err, authz.ErrBusy) {
				t.Errorf("afterwards: got %v", err)
			}
		})
	}
}
