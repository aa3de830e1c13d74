package decisionlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// fileMode lets nobody but the owner read who asked for what.
const fileMode = 0o600

// File is a file that records are appended to. When it was moved away or
// deleted, as logrotate does, the next write begins a new one of the same name;
// nobody has to send a signal. Where it was cut to nothing, writes go on from its
// beginning. It is used by one goroutine.
type File struct {
	path string
	open *os.File
	// torn is whether the last line is not ended.
	torn bool
}

var _ io.WriteCloser = (*File)(nil)

// OpenFile opens the file, or makes it with mode 0600. Only a regular file is taken.
func OpenFile(path string) (*File, error) {
	f := &File{path: path}
	if err := f.begin(); err != nil {
		return nil, err
	}
	return f, nil
}

// Write appends whole or, beside an error, in part. A line that was begun in one
// file is ended in it.
func (f *File) Write(lines []byte) (int, error) {
	head := 0
	if f.torn {
		head = bytes.IndexByte(lines, '\n') + 1
	}
	n, err := f.append(lines[:head])
	if err != nil || n == len(lines) {
		return n, err
	}
	if err := f.follow(); err != nil {
		return n, err
	}
	more, err := f.append(lines[n:])
	return n + more, err
}

func (f *File) append(lines []byte) (int, error) {
	if len(lines) == 0 {
		return 0, nil
	}
	n, err := f.open.Write(lines)
	if n > 0 {
		f.torn = lines[n-1] != '\n'
	}
	if err != nil {
		return n, fmt.Errorf("append: %w", err)
	}
	return n, nil
}

// follow opens what now has the name, unless that is still the same file.
func (f *File) follow() error {
	mine, err := f.open.Stat()
	if err != nil {
		return fmt.Errorf("look at the open file: %w", err)
	}
	named, err := os.Stat(f.path)
	switch {
	case err == nil && os.SameFile(mine, named):
		return nil
	case err == nil || errors.Is(err, os.ErrNotExist):
		return f.begin()
	default:
		return fmt.Errorf("look at the file: %w", err)
	}
}

// begin opens the file in the place of the one before. What somebody left in the
// middle of a line, by being killed, is ended first.
func (f *File) begin() error {
	if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", f.path)
	}
	opened, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	if err := endLine(opened); err != nil {
		return errors.Join(err, opened.Close())
	}
	if f.open != nil {
		_ = f.open.Close() // everything was handed to the system, and nobody waits for it to reach the disk
	}
	f.open, f.torn = opened, false
	return nil
}

func endLine(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at the file: %w", err)
	}
	if info.Size() == 0 {
		return nil
	}
	last := []byte{0}
	if _, err := file.ReadAt(last, info.Size()-1); err != nil {
		return fmt.Errorf("read the last line: %w", err)
	}
	if last[0] == '\n' {
		return nil
	}
	if _, err := file.WriteString("\n"); err != nil {
		return fmt.Errorf("end the last line: %w", err)
	}
	return nil
}

// Close ends the file. Nothing may be written afterwards.
func (f *File) Close() error {
	if err := f.open.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
