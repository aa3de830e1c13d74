package main_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	requirements "github.com/sallyport-authz/sallyport/test/requirements"
)

// Each row that wants another word than "not yet" goes red when the case of
// row.state, or of results.add, that it names is taken out.
var streams = []struct {
	name   string
	events []string
	row    string
	want   string
	fails  bool
}{
	{"nothing ran", nil, "P14", "not yet", false},
	{"passed", ended("pass", "TestProod/P14"), "P14", "passed", false},
	{"passed below", ended("pass", "TestProod/P14/upper_case"), "P14", "passed", false},
	{"another id that begins alike", ended("pass", "TestProod/P140"), "P14", "not yet", false},
	{"id inside a word", ended("pass", "TestProod/see_P14"), "P14", "not yet", false},
	// add: fail.
	{"failed", ended("fail", "TestProod/P14"), "P14", "failed", true},
	{"failed below", ended("fail", "TestProod/P14/case"), "P14", "failed", true},
	// state: failed comes first.
	{"one of two failed", both(ended("fail", "TestA/P14"), ended("pass", "TestB/P14")), "P14", "failed", true},
	{"one of two failed first", both(ended("pass", "TestB/P14"), ended("fail", "TestA/P14")), "P14", "failed", true},
	// end: the part before #.
	{"second of one name failed", both(ended("pass", "TestA/P14"), ended("fail", "TestA/P14#01")), "P14", "failed", true},
	// add: skip is not pass.
	{"skipped", ended("skip", "TestA/P14"), "P14", "not yet", false},
	// read: what is open at the end.
	{"began and never ended", []string{line("run", "TestA/P14")}, "P14", "failed", true},
	{"another row failed", ended("fail", "TestProod/P15"), "P14", "not yet", true},
	{"package did not build", []string{line("build-fail", ""), line("fail", "")}, "P14", "not yet", true},
	{"console half", ended("pass", "TestManager/G11"), "G11", "passed console later", false},
	{"console half only", nil, "G14", "not yet console later", false},
	{"documentation", nil, "M15", "documentation", false},
	{"documentation that is tested", ended("pass", "TestA/M15"), "M15", "documentation", false},
	{"documentation whose test failed", ended("fail", "TestA/M15"), "M15", "failed", true},
	// state: hold comes before passed.
	{"held though it passed", ended("pass", "TestKeys/C10"), "C10", "not yet only part of it is built: limits per subject are not yet", false},
	{"held and failed", ended("fail", "TestKeys/C10"), "C10", "failed", true},
}

func line(action, test string) string {
	return fmt.Sprintf(`{"Action":%q,"Package":"example.org/p","Test":%q,"Output":"x"}`, action, test)
}

func ended(action, test string) []string {
	return []string{line("run", test), line("output", test), line(action, test)}
}

func both(a, b []string) []string { return append(a, b...) }

func TestRows(t *testing.T) {
	for _, c := range streams {
		t.Run(c.name, func(t *testing.T) {
			printed, err := judge(strings.Join(c.events, "\n"))
			if got := err != nil; got != c.fails {
				t.Errorf("exit with an error = %v, want %v", got, c.fails)
			}
			if got := printed[c.row]; got != c.want {
				t.Errorf("%s = %q, want %q", c.row, got, c.want)
			}
		})
	}
}

// A stream that is cut off says nothing about what would have come.
func TestBrokenStreamIsAnError(t *testing.T) {
	if _, err := judge(`{"Action":"pa`); err == nil {
		t.Error("half an event was read as a whole one")
	}
}

func TestListIsWhole(t *testing.T) {
	printed, err := judge("")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for id := range printed {
		got[id[:1]]++
	}
	want := map[string]int{"M": 33, "P": 45, "C": 42, "H": 24, "G": 50, "S": 20}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("rows of each system (-got +want):\n%s", diff)
	}
}

// judge gives the printed rows by id.
func judge(events string) (map[string]string, error) {
	var out strings.Builder
	err := requirements.Run(nil, strings.NewReader(events), &out, io.Discard)
	printed := map[string]string{}
	for line := range strings.Lines(out.String()) {
		if id, state, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			printed[id] = state
		}
	}
	return printed, err
}
