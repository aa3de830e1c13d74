package main

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"syscall"
)

// breakage is one way to break the files of a version: in a file, old is
// replaced by new (all of it where old is empty); where new is gone, so is the
// file. ruin does to the real file, and its neighbours, what a text cannot.
type breakage struct {
	name, file, old, new string
	// want stands in the problems, mostly with the place.
	want string
	ruin func(*mount) error
}

const gone = "\x00"

// files are those of a version, broken.
func (b breakage) files(whole map[string]string) (map[string]string, error) {
	files := maps.Clone(whole)
	switch {
	case b.file == "":
	case b.new == gone:
		delete(files, b.file)
	case b.old == "":
		files[b.file] = b.new
	case strings.Count(files[b.file], b.old) != 1:
		return nil, fmt.Errorf("%q stands %d times in %s", b.old, strings.Count(files[b.file], b.old), b.file)
	default:
		files[b.file] = strings.Replace(files[b.file], b.old, b.new, 1)
	}
	return files, nil
}

func (b breakage) mar(m *mount) error {
	if b.ruin == nil {
		return nil
	}
	if err := b.ruin(m); err != nil {
		return fmt.Errorf("ruin the files: %w", err)
	}
	return nil
}

// told reports whether these are the problems.
func (b breakage) told(problems []string) bool {
	return strings.Contains(strings.Join(problems, "\n"), b.want)
}

// instead puts something else into the place of a file.
func instead(name string, put func(path string) error) func(*mount) error {
	return func(m *mount) error {
		if err := os.Remove(m.real(name)); err != nil {
			return fmt.Errorf("remove the file: %w", err)
		}
		return put(m.real(name))
	}
}

func pipe(path string) error   { return syscall.Mkfifo(path, 0o600) }
func folder(path string) error { return os.Mkdir(path, 0o700) }

func forAll(name string) func(*mount) error {
	return func(m *mount) error { return os.Chmod(m.real(name), 0o666) }
}

func huge(name string) func(*mount) error {
	const overTheBound = 64<<20 + 1
	return func(m *mount) error { return os.Truncate(m.real(name), overTheBound) }
}
