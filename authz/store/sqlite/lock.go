package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrInUse: another process owns the store.
var ErrInUse = errors.New("another process owns the store")

// often is how soon an owner's end is seen.
const often = 50 * time.Millisecond

// lock is the ownership of the store. The kernel ends it with the process.
type lock struct{ file *os.File }

// acquire waits for the ownership, until the context ends.
func acquire(ctx context.Context, path string, waiting func()) (*lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, fileMode) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := hold(ctx, file, waiting); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &lock{file}, nil
}

func hold(ctx context.Context, file *os.File, waiting func()) error {
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return fmt.Errorf("lock: %w", err)
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrInUse, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// release lets the next one have it. The file stays: were it removed, two processes
// could hold two locks of one name.
func (l *lock) release() error { return l.file.Close() }
