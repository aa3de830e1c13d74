package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := Run(os.DirFS(root), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "taste:", err)
		os.Exit(1)
	}
}

// Run prints the longest functions and files, then every breach. It returns an
// error when there is one, or when the tree could not be read whole.
func Run(tree fs.FS, out io.Writer) error {
	files, err := read(tree)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no file to check")
	}
	sizes, err := measure(files)
	if err != nil {
		return err
	}
	printWorst(out, sizes)
	breaches := append(broken(files), tooLong(sizes)...)
	for _, b := range breaches {
		fmt.Fprintln(out, b)
	}
	if len(breaches) > 0 {
		return fmt.Errorf("%d breaches of house style", len(breaches))
	}
	return nil
}

// file is one text of the tree; name is its path from the root, with slashes.
type file struct {
	name string
	text string
}

func (f file) isGo() bool   { return strings.HasSuffix(f.name, ".go") }
func (f file) isTest() bool { return strings.HasSuffix(f.name, "_test.go") }

// read leaves out what is not written by hand: gen/, hidden folders other than
// CI's, checksums and protobuf images.
func read(tree fs.FS) ([]file, error) {
	var files []file
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("walk %s: %w", name, err)
		}
		if entry.IsDir() {
			return enter(name)
		}
		if !entry.Type().IsRegular() || !handwritten(name) {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		files = append(files, file{name, string(text)})
		return nil
	})
	return files, err
}

func enter(folder string) error {
	hidden := strings.HasPrefix(path.Base(folder), ".") && folder != "." && folder != ".ci"
	if hidden || folder == "gen" || path.Base(folder) == "node_modules" {
		return fs.SkipDir
	}
	return nil
}

// handwritten also leaves out .git, which is a file in a second worktree.
func handwritten(name string) bool {
	switch path.Ext(name) {
	case ".git":
		return false
	case ".sum", ".binpb":
		return false
	default:
		return true
	}
}
