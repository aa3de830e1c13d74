package rego

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files is where Paths are found and read. Who hands one in sees all that a
// Policy rests on, and can tell later whether it has changed.
type Files interface {
	// List gives the files of a path in the order of names: the path itself, or
	// every policy and data file of a folder.
	List(path string) ([]string, error)
	Read(file string) ([]byte, error)
}

// Disk is the machine's own Files.
type Disk struct{}

var _ Files = Disk{}

// List implements Files. An empty folder is an error: it is most likely one that
// was not mounted.
func (Disk) List(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	files, err := filesIn(path)
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	if len(files) == 0 {
		return nil, &Error{
			File: path, Detail: "folder holds neither .rego nor .json, .yaml or .yml",
			Mend: "put a policy in it or take it out of the paths",
		}
	}
	return files, nil
}

// Read implements Files.
func (Disk) Read(file string) ([]byte, error) {
	text, err := os.ReadFile(file) //nolint:gosec // G304: naming files is what Paths are for
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	return text, nil
}

// filesIn lists what a folder holds, in the order of names. Names that start
// with a dot are left out (Kubernetes keeps old versions of a volume there). A
// link to a file is followed; a link to a folder is an error, because leaving
// it out could leave out a denial.
func filesIn(folder string) ([]string, error) {
	var files []string
	// The trailing separator makes WalkDir enter a folder that is itself a link.
	root := folder + string(filepath.Separator)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != root && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case entry.Type()&fs.ModeSymlink != 0 && leadsToFolder(path):
			return &Error{File: path, Detail: "link to a folder", Mend: "name the folder itself in the paths"}
		case isSource(path):
			files = append(files, filepath.Clean(path))
		}
		return nil
	})
	return files, err
}

func leadsToFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isSource(path string) bool {
	switch filepath.Ext(path) {
	case ".rego", ".json", ".yaml", ".yml":
		return true
	default:
		return false
	}
}
