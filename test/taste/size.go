package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"slices"
	"strings"
)

// The gate is looser than the aim (300 lines a file, 50 a function), so that a
// reader meets a long one as an exception. A table test may be longer.
const (
	maxFunction     = 60
	maxFile         = 400
	maxTestFunction = 120
	maxTestFile     = 500
	worst           = 5
)

// size is the length in lines of a file, or of the function called what in it.
type size struct {
	lines int
	limit int
	where string
	what  string
	test  bool
}

func (s size) String() string { return fmt.Sprintf("%4d lines  %s %s", s.lines, s.where, s.what) }

const wholeFile = "(file)"

// measure gives the sizes of all Go files and functions. A file that does not
// parse is an error: what was not measured must not pass.
func measure(files []file) ([]size, error) {
	var sizes []size
	for _, f := range files {
		if !f.isGo() {
			continue
		}
		fileLimit, functionLimit := maxFile, maxFunction
		if f.isTest() {
			fileLimit, functionLimit = maxTestFile, maxTestFunction
		}
		sizes = append(sizes, size{strings.Count(f.text, "\n"), fileLimit, f.name, wholeFile, f.isTest()})
		functions, err := measureFunctions(f, functionLimit)
		if err != nil {
			return nil, err
		}
		sizes = append(sizes, functions...)
	}
	return sizes, nil
}

func measureFunctions(f file, limit int) ([]size, error) {
	positions := token.NewFileSet()
	tree, err := parser.ParseFile(positions, f.name, f.text, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	var sizes []size
	for _, declaration := range tree.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		first, last := positions.Position(function.Pos()), positions.Position(function.End())
		where := fmt.Sprintf("%s:%d:", f.name, first.Line)
		sizes = append(sizes, size{last.Line - first.Line + 1, limit, where, function.Name.Name, f.isTest()})
	}
	return sizes, nil
}

// printWorst shows the five longest functions and files that are not tests,
// whether they are too long or not: what grows is seen before it is refused.
func printWorst(out io.Writer, sizes []size) {
	longest := slices.Clone(sizes)
	slices.SortStableFunc(longest, func(a, b size) int { return cmp.Compare(b.lines, a.lines) })
	fmt.Fprintln(out, "longest functions:")
	printFirst(out, longest, func(s size) bool { return !s.test && s.what != wholeFile })
	fmt.Fprintln(out, "longest files:")
	printFirst(out, longest, func(s size) bool { return !s.test && s.what == wholeFile })
}

func printFirst(out io.Writer, sizes []size, keep func(size) bool) {
	left := worst
	for _, s := range sizes {
		if left > 0 && keep(s) {
			fmt.Fprintln(out, " ", s)
			left--
		}
	}
}

func tooLong(sizes []size) []string {
	var breaches []string
	for _, s := range sizes {
		if s.lines > s.limit {
			breaches = append(breaches, fmt.Sprintf("%s %s is %d lines long, %d is the most", s.where, s.what, s.lines, s.limit))
		}
	}
	return breaches
}
