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

// Whoever finds all processors busy waits for a quarter of its time, and for
// 50 ms at most; then it is shed, and whoever comes when one is free is not.
// Guards: the bound of take, its timer, give.
func TestTurns(t *testing.T) {
	cases := []struct {
		name string
		left time.Duration // 0: no deadline
		want time.Duration
	}{
		{"no deadline", 0, 50 * time.Millisecond},
		{"much time", time.Second, 50 * time.Millisecond},
		{"a quarter", 40 * time.Millisecond, 10 * time.Millisecond},
		{"none", -time.Second, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := rego.NewTurns(2)
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
		turns := rego.NewTurns(1)
		if err := turns.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(30*time.Millisecond, turns.Give)
		if err := turns.Take(t.Context()); err != nil {
			t.Errorf("got %v, want the turn", err)
		}
	})
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
