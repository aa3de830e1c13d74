package layers

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Packages reads every folder that has Go files. It parses the files itself, in
// place of asking the go command, so that a file under a build constraint, or in
// a package that does not compile today, is looked at too.
func Packages(tree fs.FS) ([]Package, error) {
	found := map[string]*Package{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("walk %s: %w", name, err)
		}
		if entry.IsDir() {
			return enter(name)
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		return add(found, tree, name)
	})
	return sorted(found), err
}

// enter leaves out the folders that the go command leaves out.
func enter(folder string) error {
	name := path.Base(folder)
	if folder != "." && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
		return fs.SkipDir
	}
	return nil
}

func add(found map[string]*Package, tree fs.FS, name string) error {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		return fmt.Errorf("parse imports: %w", err)
	}
	folder := path.Dir(name)
	if found[folder] == nil {
		found[folder] = &Package{Folder: folder}
	}
	list := &found[folder].Imports
	if strings.HasSuffix(name, "_test.go") {
		list = &found[folder].TestImports
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("read import in %s: %w", name, err)
		}
		*list = append(*list, imported)
	}
	return nil
}

func sorted(found map[string]*Package) []Package {
	var packages []Package
	for _, p := range found {
		slices.Sort(p.Imports)
		slices.Sort(p.TestImports)
		p.Imports, p.TestImports = slices.Compact(p.Imports), slices.Compact(p.TestImports)
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(a.Folder, b.Folder) })
	return packages
}
