package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"strings"
	"syscall"

	"github.com/sallyport-authz/sallyport/authz/rego"
)

// largestFile bounds what is read of one file into memory.
const largestFile = 64 << 20

// inventory reads files for one compilation and keeps what it found: of every
// file, of every folder's list, and of what is not there. Everything that a
// compilation learns from the file system it learns here: what is read past the
// inventory is not taken over when it changes.
type inventory struct {
	found map[sight]string
	// torn says that one look found two things: whatever was made of it is part
	// old and part new.
	torn bool
}

var _ rego.Files = (*inventory)(nil)

// sight is one thing that was looked at.
type sight struct {
	kind sightKind
	path string
}

type sightKind int

const (
	// content is a file's text, guard whether others may write it, listing what
	// a policy path holds.
	content sightKind = iota
	guard
	listing
)

func newInventory() *inventory { return &inventory{found: map[sight]string{}} }

// Read implements rego.Files. It reads a regular file of bounded size.
func (i *inventory) Read(file string) ([]byte, error) {
	text, err := readRegular(file)
	i.note(sight{content, file}, told(string(text), err))
	return text, err
}

// List implements rego.Files.
func (i *inventory) List(path string) ([]string, error) {
	files, err := rego.Disk{}.List(path)
	i.note(sight{listing, path}, told(strings.Join(files, "\x00"), err))
	return files, err
}

// private refuses a file that others can write.
func (i *inventory) private(file string) error {
	err := private(file)
	i.note(sight{guard, file}, told("", err))
	return err
}

func (i *inventory) note(at sight, found string) {
	before, again := i.found[at]
	i.torn = i.torn || again && before != found
	i.found[at] = found
}

// told is what was found in a form that can be compared and is short.
func told(text string, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
}

// again looks at everything once more.
func (i *inventory) again() map[sight]string {
	now := newInventory()
	for at := range i.found {
		switch at.kind {
		case content:
			_, _ = now.Read(at.path)
		case guard:
			_ = now.private(at.path)
		case listing:
			_, _ = now.List(at.path)
		default:
			now.note(at, "")
		}
	}
	return now.found
}

// fresh reports whether everything is still as it was found. Where it is, all of
// it was so at one moment between the two looks, unless a file changed and
// changed back: what was read in the middle of a change is found out here.
func (i *inventory) fresh() bool { return !i.torn && maps.Equal(i.found, i.again()) }

// same reports whether two inventories found the same.
func (i *inventory) same(other *inventory) bool {
	return !i.torn && !other.torn && maps.Equal(i.found, other.found)
}

// readRegular reads a regular file. Opening never waits, as it would for the
// other end of a pipe.
func readRegular(file string) ([]byte, error) {
	opened, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // G304: naming files is what the operator does in a configuration
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	defer func() { _ = opened.Close() }()
	info, err := opened.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at the file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > largestFile {
		return nil, errIrregular
	}
	text, err := io.ReadAll(io.LimitReader(opened, largestFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the file: %w", err)
	case len(text) > largestFile:
		return nil, errIrregular
	default:
		return text, nil
	}
}

var errIrregular = fmt.Errorf("not a regular file of at most %d bytes", largestFile)

// isMissing tells a path where nothing is from one that cannot be looked at.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
