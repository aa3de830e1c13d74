package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place is where something stands in a file. Line 0 is the file as a whole.
type Place struct {
	File         string
	Line, Column int
}

func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem is what is wrong at a place, what was expected there and how to mend it.
type Problem struct {
	Place
	// path is the field's within the file.
	path                 string
	what, expected, mend string
}

// String is one line: FILE:LINE:COL: path: what; expected ...; mend: ...
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Place.String() + ": ")
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

// Report collects what is wrong. Warnings do not keep anything from starting.
type Report struct{ Problems, Warnings []Problem }

// Refuse notes what is wrong with a field, what was expected and how to mend it.
func (r *Report) Refuse(at Cursor, what, expected, mend string) {
	r.Problems = append(r.Problems, at.problem(what, expected, mend))
}

// Warn is Refuse for what is only unwise.
func (r *Report) Warn(at Cursor, what, expected, mend string) {
	r.Warnings = append(r.Warnings, at.problem(what, expected, mend))
}

// RefuseAt is Refuse for a place in another file, which no field leads to.
func (r *Report) RefuseAt(at Place, what, mend string) {
	r.Problems = append(r.Problems, Problem{Place: at, what: what, mend: mend})
}

// Err is every problem by place, one a line, or nil where nothing was refused.
func (r *Report) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	sorted := slices.Clone(r.Problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return RefusalError(sorted)
}

// RefusalError is every problem of a document, by place.
type RefusalError []Problem

// Error implements error with one problem a line.
func (r RefusalError) Error() string {
	lines := make([]string, len(r))
	for i, p := range r {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Several takes joined errors apart, however deep they were joined.
func Several(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, Several(one)...)
	}
	return all
}
