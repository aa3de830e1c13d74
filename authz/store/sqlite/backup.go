package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a copy of the store as it is at one moment to a new file, which only
// the process's user can read. A file that is there is refused. The copy is complete
// when it has its name: one that was interrupted leaves an empty file of that name, and
// perhaps one beside it that ends in ".part".
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	taken, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("back up to %s: %w", path, err), os.Remove(path))
		}
	}()
	if err := taken.Close(); err != nil {
		return err
	}
	part, err := s.copy(ctx, path)
	if err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return syncFolder(filepath.Dir(path))
}

// copy writes the copy to a file beside the path. SQLite fills a file that is there and
// empty: so it has our mode from the beginning. SQLite does not wait for the disk.
func (s *Store) copy(ctx context.Context, path string) (part string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return "", err
	}
	part = file.Name()
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	pool, err := connect(ctx, s.path, copying())
	if err != nil {
		return "", err
	}
	_, err = pool.ExecContext(ctx, `VACUUM INTO ?`, part)
	if err := errors.Join(err, pool.Close()); err != nil {
		return "", fmt.Errorf("copy: %w", err)
	}
	return part, file.Sync()
}
