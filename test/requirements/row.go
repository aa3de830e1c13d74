package main

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
)

//go:embed rows.tsv
var table string

// row is one requirement as rows.tsv states it.
type row struct {
	id        string
	kind      string
	note      string
	hold      string
	statement string
}

const (
	code          = "code"
	documentation = "documentation"
)

// rows reads the list. A row that is written twice, or has an unknown kind, is
// an error: it would be counted wrongly.
func rows() ([]row, error) {
	var list []row
	seen := map[string]bool{}
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("rows.tsv: %q has %d fields, want 5", line, len(fields))
		}
		r := row{fields[0], fields[1], fields[2], fields[3], fields[4]}
		if r.kind != code && r.kind != documentation {
			return nil, fmt.Errorf("rows.tsv: %s is of unknown kind %q", r.id, r.kind)
		}
		if seen[r.id] {
			return nil, fmt.Errorf("rows.tsv: %s stands there twice", r.id)
		}
		seen[r.id] = true
		list = append(list, r)
	}
	return list, nil
}

// state judges one row: a failure counts before anything else, and a hold
// before a pass.
func (r row) state(o outcome) (state, note string) {
	switch {
	case o.failed:
		return "failed", r.note
	case r.kind == documentation:
		return documentation, r.note
	case r.hold != "":
		return "not yet", r.hold
	case o.passed:
		return "passed", r.note
	default:
		return "not yet", r.note
	}
}

// write prints every row and a closing count.
func write(out io.Writer, list []row, found results) {
	count := map[string]int{}
	for _, r := range list {
		state, note := r.state(found.parts[r.id])
		count[state]++
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("%s\t%s %s", r.id, state, note), " "))
	}
	fmt.Fprintf(out, "%d rows: %d passed, %d failed, %d documentation, %d not yet\n",
		len(list), count["passed"], count["failed"], count[documentation], count["not yet"])
}
