package envoy_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

func TestPrivate(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.8.8.8:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true, "unix:/run/a.sock": true,
		"localhost:1": false, "0.0.0.0:1": false, "[::]:1": false, ":1": false, "10.0.0.1:1": false,
		"127.0.0.1": false, "unix:a.sock": false, "unix:": false, "unix:@abstract": false, "": false,
	} {
		if got := envoy.Private(address); got != want {
			t.Errorf("Private(%q): got %v, want %v", address, got, want)
		}
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1", "unix:", "unix:a.sock", "unix:@abstract"} {
		if listener, err := envoy.Listen(address); err == nil {
			t.Errorf("Listen(%q): accepted", address)
			_ = listener.Close()
		}
	}
}

// The file's mode is all that keeps others out: the guard is Chmod in move.
func TestSocket(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "authz.sock")
	listener, err := envoy.Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want mode 0600", info.Mode(), err)
	}
	if got := listener.Addr().String(); got != path {
		t.Errorf("got address %q, want %q", got, path)
	}
	connection, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	_ = connection.Close()
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 0 {
		t.Errorf("got %v, %v; want nothing left behind", left, err)
	}
}

// The guard is refuseTaken: without it a second server takes the first one's
// Checks without a word.
func TestSocketThatIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "authz.sock")
	first, err := envoy.Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := envoy.Listen("unix:" + path); err == nil {
		_ = second.Close()
		t.Error("a live socket was taken over")
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if listener, err := envoy.Listen("unix:" + path); err == nil {
		_ = listener.Close()
		t.Error("a file was replaced by a socket")
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "authz.sock")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	listener, err := envoy.Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want no file", err)
	}
}

// A server that ends late must not take its successor's socket along: the guard
// is SameFile in Close.
func TestCloseLeavesASuccessorsSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "authz.sock")
	first, err := envoy.Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second, err := envoy.Listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
	_ = second.Close()
}
