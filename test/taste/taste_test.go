package main_test

import (
	"strings"
	"testing"
	"testing/fstest"

	taste "github.com/sallyport-authz/sallyport/test/taste"
)

// The samples are put together here, so that this file does not break the very
// rules that it tests.
var samples = []struct{ name, file, text, want string }{
	{"clean", "a/a.go", "package a\n", ""},
	{"skip", "a/a_test.go", "package a\n// t.Sk" + "ip(\"x\")\n", "a/a_test.go:2: a skipped test"},
	{"short mode", "a/a_test.go", "package a\n// testing.Sh" + "ort()\n", "a/a_test.go:2: there is one way"},
	{"promise without a number", "a/a.go", "package a\n// TO" + "DO: later\n", "a/a.go:2: a promise"},
	{"promise at the end of a line", "a/a.go", "package a\n// TO" + "DO\n", "a/a.go:2: a promise"},
	{"promise with a number", "a/a.go", "package a\n// TO" + "DO(#12): later\n", ""},
	{"failed to", "a/a.go", "package a\nconst x = \"failed" + " to x\"\n", "a/a.go:2: an error names"},
	{"failed to in a test", "a/a_test.go", "package a\nconst x = \"failed" + " to x\"\n", ""},
	{"stub", "a/a.go", "package a\nfunc x() { pan" + "ic(\"not implemented\") }\n", "a/a.go:2: a stub"},
	{"path of a machine", "README.md", "see /ro" + "ot/x\n", "README.md:1: a path"},
	{"folder that says nothing", "a/util/b/a.go", "package b\n", "a/util: a folder"},
	{"function at the limit", "a/a.go", "package a\n" + function(60), ""},
	{"function over the limit", "a/a.go", "package a\n" + function(61), "a/a.go:2: x is 61 lines long"},
	{"test function over the limit", "a/a_test.go", "package a\n" + function(121), "a/a_test.go:2: x is 121 lines"},
	{"file at the limit", "a/a.go", "package a\n" + strings.Repeat("\n", 399), ""},
	{"file over the limit", "a/a.go", "package a\n" + strings.Repeat("\n", 400), "a/a.go (file) is 401 lines"},
	{"file that does not parse", "a/a.go", "pakage a\n", "parse: a/a.go:1:1"},
	{"generated", "gen/utils/a.go", "package a\n" + function(61), ""},
	{"tools", ".tools/utils/a.go", "pakage a\n", ""},
	{"second worktree", ".git", "gitdir: /ro" + "ot/x\n", ""},
}

func function(lines int) string {
	return "func x() {\n" + strings.Repeat("\n", lines-2) + "}\n"
}

func TestTaste(t *testing.T) {
	for _, c := range samples {
		t.Run(c.name, func(t *testing.T) {
			tree := fstest.MapFS{"doc.go": text("package doc\n"), c.file: text(c.text)}
			var out strings.Builder
			err := taste.Run(tree, &out)
			if got := err != nil; got != (c.want != "") {
				t.Fatalf("refused = %v, want %v:\n%s", got, c.want != "", &out)
			}
			if err != nil {
				out.WriteString(err.Error())
			}
			if !strings.Contains(out.String(), c.want) {
				t.Errorf("printed:\n%s\nwant %q", &out, c.want)
			}
		})
	}
}

func TestTasteOfNothingFails(t *testing.T) {
	if err := taste.Run(fstest.MapFS{}, &strings.Builder{}); err == nil {
		t.Error("an empty tree passed")
	}
}

func TestTastePrintsWorstFive(t *testing.T) {
	tree := fstest.MapFS{}
	for i, name := range []string{"a", "b", "c", "d", "e", "f"} {
		tree[name+".go"] = text("package a\n" + function(10+i))
	}
	var out strings.Builder
	if err := taste.Run(tree, &out); err != nil {
		t.Fatalf("run: %v\n%s", err, &out)
	}
	functions, _, _ := strings.Cut(out.String(), "longest files:")
	if got := strings.Count(functions, " lines "); got != 5 || strings.Contains(functions, "a.go") {
		t.Errorf("printed:\n%s\nwant the five longest, without a.go", functions)
	}
}

func text(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
