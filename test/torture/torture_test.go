package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestHundredth does a hundredth of every case, always the same one.
func TestHundredth(t *testing.T) {
	for _, c := range cases() {
		t.Run(c.Name, func(t *testing.T) {
			const seed = 1
			campaign, err := c.Open(t.Context(), Setting{Seed: seed, Dir: t.TempDir(), Untimed: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := campaign.Run(t.Context(), 0, max(1, c.Steps/100)); err != nil {
				t.Errorf("%v (seed %d)", err, seed)
			}
			if err := campaign.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCasesCanBeTold(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cases() {
		if c.Name == "" || c.About == "" || c.Steps == 0 || c.Open == nil || seen[c.Name] {
			t.Errorf("case %+v is unnamed, unexplained, empty or there twice", c)
		}
		seen[c.Name] = true
	}
}

// counting finds something at one step, or stops its caller there.
type counting struct {
	done   []uint64
	bad    uint64
	closed bool
	stop   context.CancelFunc
}

func (c *counting) Run(ctx context.Context, from, to uint64) error {
	return crew{1, func(_ context.Context, number uint64) error {
		c.done = append(c.done, number)
		if number != c.bad {
			return nil
		}
		if c.stop != nil {
			c.stop()
			return nil
		}
		return errors.New("broken")
	}}.run(ctx, from, to)
}

func (c *counting) Close() error { c.closed = true; return nil }

func counted(c *counting) Case {
	return Case{Name: "counting", Steps: 100, Open: func(context.Context, Setting) (Campaign, error) { return c, nil }}
}

const never = ^uint64(0)

func TestRunGoesOnWhereItStopped(t *testing.T) {
	folder := t.TempDir()
	o := options{folder: folder}
	ctx, stop := context.WithCancel(t.Context())
	first := &counting{bad: 40, stop: stop}
	r, err := o.runner(counted(first), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.run(ctx); !errors.Is(err, errUnfinished) || errors.Is(err, errFinding) || !first.closed {
		t.Fatalf("got %v, want errUnfinished and a closed campaign", err)
	}
	kept, begun, err := readState(folder, "counting")
	if err != nil || !begun || kept.Done == 0 || kept.Done > 40 {
		t.Fatalf("kept %+v, %v, %v", kept, begun, err)
	}
	second := &counting{bad: never}
	r, err = o.runner(counted(second), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if second.done[0] != kept.Done || len(second.done) != int(100-kept.Done) || r.at.Seed != kept.Seed {
		t.Errorf("did %d steps from %d under seed %d, after %+v", len(second.done), second.done[0], r.at.Seed, kept)
	}
}

func TestFindingStaysUntilItIsGone(t *testing.T) {
	o := options{folder: t.TempDir()}
	var out bytes.Buffer
	for range 2 {
		r, err := o.runner(counted(&counting{bad: 40}), &out)
		if err != nil {
			t.Fatal(err)
		}
		err = r.run(t.Context())
		if !errors.Is(err, errFinding) || !strings.Contains(err.Error(), "step 40: broken") || !strings.Contains(err.Error(), "make torture CASE=counting SEED=") {
			t.Fatalf("got %v", err)
		}
	}
	if !strings.HasSuffix(out.String(), "A FINDING\n") {
		t.Errorf("printed %q", out.String())
	}
	r, err := o.runner(counted(&counting{bad: never}), &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.run(t.Context()); err != nil || !strings.HasSuffix(out.String(), "no finding\n") {
		t.Errorf("got %v after %q", err, out.String())
	}
}

func TestOptions(t *testing.T) {
	folder := t.TempDir()
	if err := (state{Seed: 7, Done: 10}).write(folder, "counting"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		want func(state) bool
	}{
		{"goes on", []string{"-state", folder, "counting"}, func(s state) bool { return s.Seed == 7 && s.Done == 10 }},
		{"fresh", []string{"-state", folder, "-fresh", "counting"}, func(s state) bool { return s.Seed != 7 && s.Done == 0 }},
		{"again", []string{"-state", folder, "-seed", "0", "-from", "5", "counting"}, func(s state) bool { return s.Seed == 0 && s.Done == 5 }},
		{"never begun", []string{"-state", t.TempDir(), "counting"}, func(s state) bool { return s.Done == 0 }},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			o, err := parse(c.args)
			if err != nil {
				t.Fatal(err)
			}
			r, err := o.runner(counted(&counting{bad: never}), &bytes.Buffer{})
			if err != nil || !c.want(r.at) {
				t.Errorf("got %+v, %v", r.at, err)
			}
		})
	}
}

func TestRunListsAndRefuses(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out); err != nil || !strings.Contains(out.String(), "hostile-frames") {
		t.Errorf("got %v, %q", err, out.String())
	}
	if err := run(t.Context(), []string{"no-such-case"}, &out); err == nil {
		t.Error("a case that is not there was run")
	}
	if err := run(t.Context(), []string{"-state", t.TempDir(), "-limit", time.Nanosecond.String(), "hostile-frames"}, &out); err == nil {
		t.Error("a run that did nothing is a success")
	}
}
