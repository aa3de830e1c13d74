package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// event is one line of go test -json; see `go doc test2json`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// outcome is what became of the tests of one row. The zero outcome is that none
// of them came to an end.
type outcome struct {
	passed bool
	failed bool
}

// results holds an outcome for each part of a test's name, between slashes, and
// how many tests and packages failed, of a row or not.
type results struct {
	parts    map[string]outcome
	failures int
}

// read takes the events of all packages to their end. A test that began and
// never ended, because its package crashed or timed out, has failed. What failed,
// and what a compiler says, is copied to log.
func read(stream io.Reader, log io.Writer) (results, error) {
	found := results{parts: map[string]outcome{}}
	open := map[event]bool{}
	lines := json.NewDecoder(stream)
	for {
		var e event
		err := lines.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return found, fmt.Errorf("read go test's output: %w", err)
		}
		found.add(e, open, log)
	}
	for test := range open {
		found.fail(test, log)
	}
	return found, nil
}

func (r *results) add(e event, open map[event]bool, log io.Writer) {
	test := event{Package: e.Package, Test: e.Test}
	switch e.Action {
	case "run":
		open[test] = true
	case "pass":
		delete(open, test)
		r.end(e.Test, outcome{passed: true})
	case "fail":
		delete(open, test)
		r.fail(e, log)
	case "skip": // it did not run
		delete(open, test)
	case "build-output":
		fmt.Fprint(log, e.Output)
	default: // output, start, pause, cont, bench, build-fail: no test ended
	}
}

func (r *results) fail(e event, log io.Writer) {
	r.failures++
	r.end(e.Test, outcome{failed: true})
	fmt.Fprintln(log, "FAIL", e.Package, e.Test)
}

// end enters an outcome under every part of a name. Go adds #01 to the second of
// two subtests with one name: it answers for the same row.
func (r *results) end(test string, o outcome) {
	for part := range strings.SplitSeq(test, "/") {
		name, _, _ := strings.Cut(part, "#")
		old := r.parts[name]
		r.parts[name] = outcome{passed: old.passed || o.passed, failed: old.failed || o.failed}
	}
}
