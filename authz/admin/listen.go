package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

const (
	// SocketName is what the control socket is called in the data folder.
	SocketName = "control.sock"
	// longestPath is what the kernel takes for a socket's path.
	longestPath = 107
	othersBits  = 0o077
	ownerOnly   = 0o600
)

// Listen makes the control socket in a data folder, with mode 0600. The folder must
// be this user's and closed to all others, so that nobody reaches the socket in the
// moment before it has its mode. A socket that nobody listens on is replaced: it is
// called under the owner's lock of the folder.
func Listen(folder string) (net.Listener, error) {
	path := filepath.Join(folder, SocketName)
	listener, err := listen(folder, path)
	if err != nil {
		return nil, fmt.Errorf("listen on the control socket %s: %w", path, err)
	}
	return listener, nil
}

func listen(folder, path string) (net.Listener, error) {
	if len(path) > longestPath {
		return nil, fmt.Errorf("the path has %d bytes, and a socket's at most %d: move the data folder", len(path), longestPath)
	}
	if err := checkFolder(folder, CurrentUser()); err != nil {
		return nil, err
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, ownerOnly); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// checkFolder refuses a folder that others may enter, or that is not the user's.
func checkFolder(folder string, user uint32) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	switch uid, known := fileOwner(info); {
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", folder)
	case info.Mode().Perm()&othersBits != 0:
		return fmt.Errorf("%s has mode %04o, and others must not enter it: chmod 0700 it", folder, info.Mode().Perm())
	case !known || uid != user:
		return fmt.Errorf("%s is not this user's", folder)
	default:
		return nil
	}
}

// CurrentUser is as whom this process runs.
func CurrentUser() uint32 { return uint32(os.Geteuid()) }

func fileOwner(info fs.FileInfo) (uint32, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return stat.Uid, true
}

// removeStale removes a socket that a process left that ended untidily, and refuses
// anything else in its place.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file that is no socket: move it away")
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(context.Background(), "unix", path)
	switch {
	case err == nil:
		return errors.Join(errors.New("somebody listens there"), conn.Close())
	case errors.Is(err, syscall.ECONNREFUSED):
		return os.Remove(path)
	default:
		return fmt.Errorf("find out whether somebody listens there: %w", err)
	}
}
