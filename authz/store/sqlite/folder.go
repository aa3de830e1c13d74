package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	folderMode = 0o700
	fileMode   = 0o600
	others     = 0o077
)

// place is where the store's files are.
type place struct{ folder, database string }

// locate makes the folder, and refuses one that is not private.
func locate(path string) (place, error) {
	database, err := filepath.Abs(path)
	if err != nil {
		return place{}, fmt.Errorf("find the file: %w", err)
	}
	p := place{folder: filepath.Dir(database), database: database}
	if err := os.MkdirAll(p.folder, folderMode); err != nil {
		return place{}, fmt.Errorf("make the folder: %w", err)
	}
	return p, p.private()
}

func (p place) lock() string { return p.database + ".lock" }

// private refuses a folder or a file that somebody else could have read or written. It
// opens no file: see doc.go on what a closed descriptor does.
func (p place) private() error {
	info, err := os.Stat(p.folder)
	switch {
	case err != nil:
		return fmt.Errorf("look at the folder: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", p.folder)
	}
	if err := ours(p.folder, info, folderMode); err != nil {
		return err
	}
	for _, file := range []string{p.database, p.database + "-wal", p.database + "-shm", p.lock()} {
		info, err := os.Lstat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return fmt.Errorf("look at the file: %w", err)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file", file)
		}
		if err := ours(file, info, fileMode); err != nil {
			return err
		}
	}
	return nil
}

// ours refuses what belongs to another user, or is open to one.
func ours(path string, info fs.FileInfo, want fs.FileMode) error {
	if mode := info.Mode().Perm(); mode&others != 0 {
		return fmt.Errorf("others may use %s: its mode is %04o, expected %04o: chmod %o %s, and replace what was in it if they may have read it", path, mode, want, want, path)
	}
	if status, ok := info.Sys().(*syscall.Stat_t); ok && int(status.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to user %d, and this process is user %d", path, status.Uid, os.Geteuid())
	}
	return nil
}

// make makes the database file where there is none, before SQLite would with a mode of
// its own choice. Nobody has it open: the caller holds the lock.
func (p place) make() error {
	file, err := os.OpenFile(p.database, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	switch {
	case errors.Is(err, fs.ErrExist):
		return p.private()
	case err != nil:
		return fmt.Errorf("make the file: %w", err)
	}
	return errors.Join(file.Chmod(fileMode), file.Close(), syncFolder(p.folder), syncFolder(filepath.Dir(p.folder)))
}

// syncFolder makes durable that a file is in its folder.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the operator names the folder
	if err != nil {
		return fmt.Errorf("open the folder: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}
