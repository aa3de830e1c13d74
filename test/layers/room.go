package layers

import (
	"path"
	"slices"
	"strings"
)

// Module is the import path that all our packages begin with.
const Module = "github.com/sallyport-authz/sallyport"

// Room says what the packages in one folder may import beside the standard
// library and themselves. A folder or one of ours may end in /* (one level) or
// /** (all below, and itself). The zero Room may import nothing.
type Room struct {
	Folder  string
	Ours    []string // folders of this module
	Outside []string // import paths, each with all below it
	Tests   []string // the same, for its tests only
}

// Package is one folder of Go files: what it imports, and what its tests do.
type Package struct {
	Folder      string
	Imports     []string
	TestImports []string
}

// Breaches says in sentences what p imports though its room may not. A folder
// without a room is a breach of its own. The first room that matches decides.
func Breaches(p Package, rooms []Room) []string {
	i := slices.IndexFunc(rooms, func(r Room) bool { return matches(r.Folder, p.Folder) })
	if i < 0 {
		return []string{p.Folder + " has no row: add one to the table of rooms in test/layers, with what it may import"}
	}
	room := rooms[i]
	var breaches []string
	for _, imported := range p.Imports {
		if !room.allows(p.Folder, imported) {
			breaches = append(breaches, p.Folder+" must not import "+imported)
		}
	}
	for _, imported := range p.TestImports {
		if !room.allows(p.Folder, imported) && !testAid(imported) && !within(room.Tests, imported) {
			breaches = append(breaches, p.Folder+"'s tests must not import "+imported)
		}
	}
	return breaches
}

func (r Room) allows(self, imported string) bool {
	if ours, ok := ourFolder(imported); ok {
		return ours == self || slices.ContainsFunc(r.Ours, func(pattern string) bool { return matches(pattern, ours) })
	}
	return standard(imported) || within(r.Outside, imported)
}

// testAid is what every test may use: four modules, and our rooms that exist
// for tests, whose names end in test.
func testAid(imported string) bool {
	if ours, ok := ourFolder(imported); ok {
		return strings.HasPrefix(ours, "authz/") && strings.HasSuffix(ours, "test")
	}
	return within(testModules(), imported)
}

func testModules() []string {
	return []string{
		"github.com/google/go-cmp",
		"github.com/rogpeppe/go-internal/testscript",
		"go.uber.org/goleak",
		"pgregory.net/rapid",
	}
}

func ourFolder(imported string) (string, bool) {
	if imported == Module {
		return ".", true
	}
	return strings.CutPrefix(imported, Module+"/")
}

// standard reports whether an import path is the standard library's: the first
// element of any other holds a dot. C is cgo, which we do not use.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && imported != "C"
}

func matches(pattern, folder string) bool {
	if root, ok := strings.CutSuffix(pattern, "/**"); ok {
		return below(root, folder)
	}
	if root, ok := strings.CutSuffix(pattern, "/*"); ok {
		return path.Dir(folder) == root
	}
	return pattern == folder
}

func within(roots []string, imported string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return below(root, imported) })
}

func below(root, name string) bool {
	return name == root || strings.HasPrefix(name, root+"/")
}
