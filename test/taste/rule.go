package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// rule forbids a pattern on any line of the files it applies to. Patterns are
// written so that they do not match their own row.
type rule struct {
	pattern *regexp.Regexp
	applies func(file) bool
	reason  string
}

func rules() []rule {
	anyGo := file.isGo
	production := func(f file) bool { return f.isGo() && !f.isTest() }
	everything := func(file) bool { return true }
	return []rule{
		{regexp.MustCompile(`\b[a-z]+\.Skip(Now|f)?[(]`), func(f file) bool { return f.isTest() }, "a skipped test reads like a passed one: make it run or take it out"},
		{regexp.MustCompile(`testing\.Short[(]`), anyGo, "there is one way to run the tests, and it runs all of them"},
		{regexp.MustCompile(`\b(TO[D]O|FIX[M]E)\b([^#]|#\D|#?$)*$`), anyGo, "a promise without an issue number is kept by nobody"},
		{regexp.MustCompile(`"[^"]*\b[Ff]ailed [t]o\b`), production, "an error names what was attempted (\"look up key: ...\"): that it went wrong is known"},
		{regexp.MustCompile(`\bpanic[(]"(not implemented|unimplemented)`), anyGo, "a stub is found by the customer"},
		{regexp.MustCompile(`/(root|work/(main|shared))/`), everything, "a path of one machine means nothing on another"},
	}
}

// broken lists every line that breaks a rule, and every folder whose name says
// nothing about what is in it.
func broken(files []file) []string {
	var breaches []string
	table := rules()
	for _, f := range files {
		breaches = append(breaches, brokenLines(f, table)...)
	}
	return append(breaches, emptyNames(files)...)
}

func brokenLines(f file, table []rule) []string {
	var breaches []string
	for _, r := range table {
		if !r.applies(f) {
			continue
		}
		for i, line := range strings.Split(f.text, "\n") {
			if r.pattern.MatchString(line) {
				breaches = append(breaches, fmt.Sprintf("%s:%d: %s", f.name, i+1, r.reason))
			}
		}
	}
	return breaches
}

// emptyNames reports a folder once, however deep it lies and however many files
// it has.
func emptyNames(files []file) []string {
	var breaches []string
	seen := map[string]bool{}
	for _, f := range files {
		for folder := path.Dir(f.name); folder != "."; folder = path.Dir(folder) {
			if seen[folder] {
				continue
			}
			seen[folder] = true
			if saysNothing(path.Base(folder)) {
				breaches = append(breaches, folder+": a folder is named by what is in it: anything fits under this name")
			}
		}
	}
	return breaches
}

func saysNothing(folder string) bool {
	switch folder {
	case "util", "utils", "common", "helper", "helpers", "shared", "base", "types", "misc":
		return true
	default:
		return false
	}
}
