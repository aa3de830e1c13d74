package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// place is where something stands in a file. Line 0 is the file as a whole.
type place struct {
	file         string
	line, column int
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d:%d", p.file, p.line, p.column)
}

// fault says what is wrong, what was expected and how to mend it.
type fault struct{ what, expected, mend string }

// problem is a fault at a place; path is the field's path within the file.
type problem struct {
	place
	path string
	fault
}

// String is one line: FILE:LINE:COL: path: what; expected ...; mend: ...
func (p problem) String() string {
	var b strings.Builder
	b.WriteString(p.place.String() + ": ")
	if p.path != "" {
		b.WriteString(p.path + ": ")
	}
	b.WriteString(p.what)
	if p.expected != "" {
		b.WriteString("; expected " + p.expected)
	}
	b.WriteString("; mend: " + p.mend)
	return b.String()
}

// report collects what is wrong. Warnings do not keep anything from starting.
type report struct{ problems, warnings []problem }

func (r *report) refuse(at cursor, f fault) { r.problems = append(r.problems, at.problem(f)) }

func (r *report) warn(at cursor, f fault) { r.warnings = append(r.warnings, at.problem(f)) }

// err is nil where nothing was refused.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	sorted := slices.Clone(r.problems)
	slices.SortStableFunc(sorted, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	return refusal(sorted)
}

// refusal is every problem of a configuration, by place.
type refusal []problem

// Error implements error with one problem a line.
func (r refusal) Error() string {
	lines := make([]string, len(r))
	for i, p := range r {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// several takes joined errors apart, however deep they were joined.
func several(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, several(one)...)
	}
	return all
}
