package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// reloading is a reloader without a service, at whose files the test looks by hand.
type reloading struct {
	*reloader
	t     *testing.T
	dir   string
	said  *syncBuffer
	took  []uint64
	clock time.Time
}

// newReloading begins with the sound configuration and a folder of rules.
func newReloading(t *testing.T) *reloading {
	t.Helper()
	r := &reloading{t: t, dir: t.TempDir(), said: &syncBuffer{}, clock: time.Now()}
	r.write("sallyport.yaml", sound+"policies: {paths: [rules]}\n")
	r.write("rules/a.rego", "package custom\n\nallow if false\n")
	from := newSource(filepath.Join(r.dir, "sallyport.yaml"), func() time.Time { return r.clock })
	p, _, err := from.whole(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r.reloader = newReloader(from, p, slog.New(slog.NewJSONHandler(r.said, nil)), nil)
	r.settle = time.Millisecond
	r.take = func(p *plan) error { r.took = append(r.took, p.snapshot.Generation); return nil }
	return r
}

func (r *reloading) write(name, text string) {
	r.t.Helper()
	file := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reloading) now() reloadStatus { return *r.status.Load() }

// told counts the log's lines of a kind.
func (r *reloading) told(text string) int { return strings.Count(r.said.text(), text) }

// TestReloadStates goes through what can happen to files, and looks once after
// each. Guards, by the step that is red without them: the case of an error in
// look (broken), reloadStatus.tells (broken twice), r.tried in refuse (broken
// twice), the generation in look (changed), and the two looks at r.live (mended),
// of which one is enough.
func TestReloadStates(t *testing.T) {
	const broken, other = "package custom\n\nallow := 1\n", "package custom\n\nallow if true\n\ndeny := 1\n"
	r := newReloading(t)
	for _, step := range []struct {
		name, rule          string
		ok                  bool
		generation          uint64
		successes, failures uint64
		refusals, live      int
	}{
		{"unchanged", "package custom\n\nallow if false\n", true, 1, 0, 0, 0, 0},
		{"broken", broken, false, 1, 0, 1, 1, 0},
		{"broken twice", broken, false, 1, 0, 1, 1, 0},
		{"broken otherwise", other, false, 1, 0, 2, 2, 0},
		{"mended", "package custom\n\nallow if false\n", true, 1, 0, 2, 2, 1},
		{"changed", "package custom\n\nallow if 1 == 2\n", true, 2, 1, 2, 2, 1},
		{"changed back", "package custom\n\nallow if false\n", true, 3, 2, 2, 2, 1},
		{"broken again", broken, false, 3, 2, 3, 3, 1},
		{"changed from broken", "package custom\n\nallow if 1 == 3\n", true, 4, 3, 3, 3, 1},
	} {
		r.write("rules/a.rego", step.rule)
		r.look(t.Context(), false)
		now := r.now()
		if now.OK != step.ok || now.Generation != step.generation || now.Successes != step.successes || now.Failures != step.failures {
			t.Errorf("%s: got %+v", step.name, now)
		}
		if (len(now.Problems) > 0) == step.ok {
			t.Errorf("%s: got problems %v", step.name, now.Problems)
		}
		if refusals, live := r.told("reload refused"), r.told("the files are what is live"); refusals != step.refusals || live != step.live {
			t.Errorf("%s: it was told of %d refusals and %d times of live files, want %d and %d", step.name, refusals, live, step.refusals, step.live)
		}
	}
	if got := len(r.took); got != 3 {
		t.Errorf("took %v", r.took)
	}
}

// TestReloadTriesAgain: what was refused is tried again after a while and when
// somebody asks, and told once. The guards are due and asked in look.
func TestReloadTriesAgain(t *testing.T) {
	r := newReloading(t)
	r.write("rules/a.rego", "package custom\n\nallow := 1\n")
	for _, step := range []struct {
		name     string
		later    time.Duration
		asked    bool
		failures uint64
	}{
		{"at first", 0, false, 1},
		{"soon", retryTime - time.Second, false, 1},
		{"later", time.Second, false, 2},
		{"soon after that", time.Second, false, 2},
		{"asked", 0, true, 3},
	} {
		r.clock = r.clock.Add(step.later)
		r.look(t.Context(), step.asked)
		if now := r.now(); now.Failures != step.failures || now.OK || !now.Looked.Equal(r.clock) {
			t.Errorf("%s: got %+v, want %d failures", step.name, now, step.failures)
		}
	}
	if got := r.told("reload refused"); got != 1 {
		t.Errorf("told %d times", got)
	}
}

// TestReloadOfWhatCannotBeTaken: the old one stays, and it is told.
func TestReloadOfWhatCannotBeTaken(t *testing.T) {
	r := newReloading(t)
	r.take = func(*plan) error { return errors.New("no room") }
	r.write("rules/a.rego", "package custom\n\nallow if true\n")
	r.look(t.Context(), false)
	if now := r.now(); now.OK || now.Generation != 1 || now.Problems[0] != "no room" {
		t.Errorf("got %+v", now)
	}
}

// TestReloadOutlivesPanics: whatever a file does to the compilation is a refusal.
// The guards are the recover in source.safely, and that what was thrown is not
// told: it may hold a secret of the configuration.
func TestReloadOutlivesPanics(t *testing.T) {
	r := newReloading(t)
	r.write("sallyport.yaml", strings.Replace(sound, "          scopes: [read]", "          expires: 2999-01-01T00:00:00Z", 1))
	p, _, err := newSource(r.source.file, func() time.Time { panic("no such hour") }).whole(t.Context(), 2)
	if p != nil || err == nil || !strings.Contains(err.Error(), "panic: string at ") || strings.Contains(err.Error(), "no such hour") {
		t.Errorf("got %v, %v", p, err)
	}
}

// TestReloadMakesOneMomentOfFiles: a file that changes while another is read
// makes another reading, so that a plan is old or new and never both. The guard
// is files.fresh in source.whole.
func TestReloadMakesOneMomentOfFiles(t *testing.T) {
	r := newReloading(t)
	key := strings.Replace(sound, "          scopes: [read]", "          expires: 2999-01-01T00:00:00Z", 1) + "policies: {paths: [rules]}\n"
	r.write("sallyport.yaml", key)
	readings := 0
	r.source.now = func() time.Time { // between the configuration and the rules
		if readings++; readings == 1 {
			r.write("sallyport.yaml", strings.Replace(key, "/health", "/healthy", 1))
			r.write("rules/a.rego", "package custom\n\nallow if true\n")
		}
		return time.Now()
	}
	p, files, err := r.source.whole(t.Context(), 2)
	if err != nil || readings != 2 || !files.fresh() || !p.files.same(files) {
		t.Errorf("got %v after %d readings", err, readings)
	}
	r.source.now = func() time.Time {
		readings++
		r.write("sallyport.yaml", key+strings.Repeat("#\n", readings))
		return time.Now()
	}
	readings = 0
	if _, _, err := r.source.whole(t.Context(), 3); !errors.Is(err, errRestless) || readings != mostReads {
		t.Errorf("got %v after %d readings, want %v after %d", err, readings, errRestless, mostReads)
	}
}

// TestReloadEndsWithItsContext: nothing of a reading that was cut is taken.
func TestReloadEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := newReloading(t)
	r.write("rules/a.rego", "package custom\n\nallow if true\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.look(ctx, true)
	if now := r.now(); len(r.took) > 0 || now.Generation != 1 || now.Failures > 0 {
		t.Errorf("took %v, %+v", r.took, now)
	}
	r.run(ctx)
}

// TestProblemsAreBounded: a file with a fault on each line fills no log.
func TestProblemsAreBounded(t *testing.T) {
	all := make(document.RefusalError, 3*mostProblems)
	if got := lines(all); len(got) != mostProblems+1 || got[mostProblems] != "and 400 more" {
		t.Errorf("got %d lines, the last %q", len(got), got[len(got)-1])
	}
}
