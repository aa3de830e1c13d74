package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// TestMain is also the no-op server: a benchmark runs its own program as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == noopCommand {
		main()
		return
	}
	os.Exit(mesh.RunTests(m))
}

// The benchmark runs to its end, tells every figure, and every answer was right.
// What it measures in so little time means nothing.
func TestBenchRuns(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "bench.txt")
	var out strings.Builder
	args := []string{"-windows", "2", "-window", "50ms", "-warm", "1", "-out", kept}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err)
	}
	told := map[string]float64{}
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, values := line[:nameWidth], strings.Fields(line[nameWidth:])
		if len(values) != 3 {
			t.Fatalf("%q has not median, min and max", line)
		}
		median, err := strconv.ParseFloat(values[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		told[strings.TrimSpace(name)] = median
	}
	for _, name := range []string{
		"cached/noop", "cached/noop-tuned", "uncached/noop", "uncached/noop-tuned", "noop-tuned/noop",
		"cached/uncached", "ES256 us", "JWT/ES256", "bad key/ES256", "bad token/ES256", "wrong token/ES256", "bad token, SQLite/ES256",
		"cached hits, share", "cached allocations/check", "uncached allocations/check", "noop allocations/check",
		"cached CPU us/check", "cached checks/s", "uncached checks/s", "noop checks/s", "noop-tuned checks/s",
	} {
		if median, ok := told[name]; !ok || median <= 0 {
			t.Errorf("figure %q is %v, %v in\n%s", name, median, ok, out.String())
		}
	}
	if hits, ok := told["uncached hits, share"]; !ok || hits != 0 {
		t.Errorf("hits without a cache: %v, %v", hits, ok)
	}
	text, err := os.ReadFile(kept)
	if err != nil || string(text) != out.String() {
		t.Errorf("kept %q, %v", text, err)
	}
}

func TestRefusesWhatMeasuresNothing(t *testing.T) {
	for _, args := range [][]string{{"-windows", "0"}, {"-window", "0s"}, {"-streams", "0"}, {"-connections", "-1"}, {"noop"}, {"-x"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("took %v", args)
		}
	}
}

func TestFigure(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		want   figure
	}{
		{"nothing", nil, figure{name: "nothing"}},
		{"one", []float64{2}, figure{"one", 2, 2, 2, 1}},
		{"odd", []float64{3, 1, 2}, figure{"odd", 2, 1, 3, 3}},
		{"even", []float64{4, 1, 3, 2}, figure{"even", 2.5, 1, 4, 4}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if got := newFigure(c.name, c.values); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// A ratio is taken within a round: the ratio of the medians would be 1 here.
func TestRatiosAreTakenRoundByRound(t *testing.T) {
	r := result{
		"a": {{cpu: 10}, {cpu: 20}, {cpu: 30}},
		"b": {{cpu: 5}, {cpu: 40}, {cpu: 20}},
		"c": {{cpu: 0}, {cpu: 2}},
	}
	if got, want := r.ratio("a", "b"), (figure{"a/b", 1.5, 0.5, 2, 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := r.ratio("a", "c"), (figure{"a/c", 10, 10, 10, 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// cpuTime counts work of the process that it is asked about, not time.
func TestCPUTime(t *testing.T) {
	spent := func() time.Duration {
		at, err := cpuTime(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	begun := spent()
	for sum, until := 0, time.Now().Add(100*time.Millisecond); time.Now().Before(until); sum++ {
		_ = sum
	}
	worked := spent() - begun
	begun = spent()
	time.Sleep(50 * time.Millisecond)
	slept := spent() - begun
	if worked < time.Millisecond || slept > worked {
		t.Errorf("100 ms of work took %s, 50 ms of sleep %s", worked, slept)
	}
	if _, err := cpuTime(1 << 27); err == nil {
		t.Error("read the clock of nobody")
	}
}
