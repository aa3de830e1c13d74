package envoy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const socketPrefix = "unix:"

// Listen takes "host:port" or "unix:/path". A socket has mode 0600 from the
// moment at which anybody can find it; a stale one is replaced, one that
// somebody listens on is an error.
func Listen(address string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, socketPrefix); ok {
		return listenSocket(path)
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	return listener, nil
}

// Private reports an address that nobody beyond this machine reaches: a socket
// or a loopback address. A name is none, whatever it resolves to today.
func Private(address string) bool {
	if path, ok := strings.CutPrefix(address, socketPrefix); ok {
		return filepath.IsAbs(path)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// listenSocket makes the socket in a folder that only we may enter and moves it
// to its place when its mode is right. A mode set afterwards would leave a
// moment for others to connect in, and a umask is the whole process's.
func listenSocket(path string) (net.Listener, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("listen on %q: a socket is named by its whole path", path)
	}
	if err := refuseTaken(path); err != nil {
		return nil, fmt.Errorf("listen on %q: %w", path, err)
	}
	// The name is short: the whole path of a socket is at most 107 bytes.
	nursery, err := os.MkdirTemp(filepath.Dir(path), ".s")
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", path, err)
	}
	defer func() { _ = os.RemoveAll(nursery) }()
	listener, err := born(filepath.Join(nursery, "s"), path)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", path, err)
	}
	return listener, nil
}

func born(at, path string) (net.Listener, error) {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: at, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	s := &socket{UnixListener: listener, path: path}
	if err := s.move(at); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return s, nil
}

// refuseTaken gives no error where there is nothing, or a socket that refuses
// to be connected to, which is what a process leaves that ended untidily.
func refuseTaken(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file that is no socket")
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(context.Background(), "unix", path)
	switch {
	case err == nil:
		return errors.Join(errors.New("somebody listens there"), connection.Close())
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil
	default:
		return fmt.Errorf("find out whether somebody listens there: %w", err)
	}
}

// socket is a listener that was moved after it was made.
type socket struct {
	*net.UnixListener
	path string
	file fs.FileInfo
}

func (s *socket) move(from string) error {
	const ownerOnly = 0o600
	if err := os.Chmod(from, ownerOnly); err != nil {
		return err
	}
	if err := os.Rename(from, s.path); err != nil {
		return err
	}
	file, err := os.Lstat(s.path)
	s.file = file
	return err
}

// Addr is where clients find the socket.
func (s *socket) Addr() net.Addr { return &net.UnixAddr{Name: s.path, Net: "unix"} }

// Close removes the socket unless somebody put another in its place.
func (s *socket) Close() error {
	if file, err := os.Lstat(s.path); err == nil && os.SameFile(file, s.file) {
		_ = os.Remove(s.path)
	}
	return s.UnixListener.Close()
}
