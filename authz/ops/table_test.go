package ops_test

import (
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/sallyport-authz/sallyport/authz"
)

// TestTableIsComplete: doc.go lists exactly what a process with every part
// shows, each metric with its labels and the sentence that stands in /metrics.
func TestTableIsComplete(t *testing.T) {
	p := begin(t, whole())
	p.Record(authz.Event{})
	var got []string
	for name, family := range p.families(t) {
		if !strings.HasPrefix(name, "sallyport_") {
			continue
		}
		labels := map[string]bool{}
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = true
			}
		}
		got = append(got, line(strings.TrimPrefix(name, "sallyport_"), labels, family.GetHelp()))
	}
	slices.Sort(got)
	if diff := cmp.Diff(got, documented(t)); diff != "" {
		t.Errorf("metrics (-shown +documented):\n%s", diff)
	}
}

func line(name string, labels map[string]bool, help string) string {
	var sorted []string
	for label := range labels {
		sorted = append(sorted, label)
	}
	slices.Sort(sorted)
	return name + " " + strings.Join(sorted, ",") + ": " + help
}

// documented reads the table of doc.go.
func documented(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(file.Doc.Text(), "# The metrics")
	if !found {
		t.Fatal("doc.go has no table")
	}
	var rows []string
	for _, row := range regexp.MustCompile(`(?m)^\t(\w+)(?:\{([^}]*)\})? +(.*)$`).FindAllStringSubmatch(table, -1) {
		labels := map[string]bool{}
		for label := range strings.SplitSeq(row[2], ",") {
			if label != "" {
				labels[label] = true
			}
		}
		rows = append(rows, line(row[1], labels, row[3]))
	}
	slices.Sort(rows)
	return rows
}

// TestLint is what promtool check metrics says.
func TestLint(t *testing.T) {
	p := begin(t, whole())
	p.Record(authz.Event{})
	problems, err := promlint.New(p.get("/metrics").Body).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}
