package admin_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/admin"
)

// What is in a folder, and what becomes of listening there. The guards are the cases
// of checkFolder and removeStale.
func TestListen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		make  func(folder string) error
		words string
	}{
		{"empty", nothing, ""},
		{"stale socket", stale, ""},
		{"a file", file, "no socket"},
		{"a link", func(folder string) error { return os.Symlink("elsewhere", filepath.Join(folder, admin.SocketName)) }, "no socket"},
		{"others may enter", func(folder string) error { return os.Chmod(folder, 0o701) }, "chmod 0700"},
		{"the group may read", func(folder string) error { return os.Chmod(folder, 0o740) }, "chmod 0700"},
		{"no folder", os.Remove, "no such file"},
		{"a file for a folder", func(folder string) error {
			return errors.Join(os.Remove(folder), os.WriteFile(folder, nil, 0o600))
		}, "is no folder"},
		{"a link for a folder", func(folder string) error {
			behind := filepath.Join(filepath.Dir(folder), "behind")
			return errors.Join(os.Rename(folder, behind), os.Symlink(behind, folder))
		}, "is no folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder := dataFolder(t)
			must(t, c.make(folder))
			l, err := admin.Listen(folder)
			if c.words != "" {
				if err == nil || !strings.Contains(err.Error(), c.words) {
					t.Errorf("got %v, want %q", err, c.words)
				}
				return
			}
			must(t, err)
			defer func() { _ = l.Close() }()
			info, err := os.Lstat(filepath.Join(folder, admin.SocketName))
			if err != nil || info.Mode() != os.ModeSocket|0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if _, err := admin.Listen(folder); err == nil || !strings.Contains(err.Error(), "somebody listens there") {
				t.Errorf("a second one: %v", err)
			}
		})
	}
	long := filepath.Join(dataFolder(t), strings.Repeat("d", 100))
	if _, err := admin.Listen(long); err == nil || !strings.Contains(err.Error(), "at most 107") {
		t.Errorf("a long path: %v", err)
	}
}

// A folder of another user's, or one that is mounted for us, is not served from. The
// guard is the owner in checkFolder.
func TestFolderOfAnother(t *testing.T) {
	t.Parallel()
	if err := admin.CheckFolder(dataFolder(t), admin.CurrentUser()+1); err == nil || !strings.Contains(err.Error(), "not this user's") {
		t.Errorf("got %v", err)
	}
}

func nothing(string) error { return nil }

func file(folder string) error {
	return os.WriteFile(filepath.Join(folder, admin.SocketName), nil, 0o600)
}

// stale leaves what a process leaves that was killed.
func stale(folder string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(folder, admin.SocketName), Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A client says in words why there is nobody to ask.
func TestDial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		make     func(folder string) error
		noServer bool
		words    string
	}{
		{"empty", nothing, true, "start the server, or use --offline"},
		{"stale socket", stale, true, "start the server, or use --offline"},
		{"no folder", os.Remove, true, "no server runs"},
		{"a file", file, false, "it is no socket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder := dataFolder(t)
			must(t, c.make(folder))
			_, err := admin.Dial(t.Context(), folder)
			if errors.Is(err, admin.ErrNoServer) != c.noServer || err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*admin.Settings){
		"applier":    func(s *admin.Settings) { s.Applier = nil },
		"lister":     func(s *admin.Settings) { s.Lister = nil },
		"tokens":     func(s *admin.Settings) { s.Tokens = nil },
		"principals": func(s *admin.Settings) { s.Principals = nil },
		"auditor":    func(s *admin.Settings) { s.Auditor = nil },
		"minter":     func(s *admin.Settings) { s.Minter = nil },
		"hasher":     func(s *admin.Settings) { s.Hasher = nil },
		"logger":     func(s *admin.Settings) { s.Logger = nil },
	} {
		s := newScene(t)
		edit(&s.settings)
		if _, err := admin.NewServer(s.settings); err == nil {
			t.Errorf("without %s: no error", name)
		}
	}
}
