package sqlite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// TestFilesAreOurs: the folder that is made is 0700, and every file in it 0600,
// whatever the process's umask lets through, also in names that mean something in an
// address.
func TestFilesAreOurs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a?b", "100% #1", "store.db?mode=memory")
	store := open(t, settings(t, path))
	apply(t, store, mint("one"))
	modes := map[string]fs.FileMode{}
	err := filepath.WalkDir(filepath.Dir(path), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			modes[entry.Name()] = info.Mode()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Base(path)
	for _, name := range []string{base, base + "-wal", base + "-shm", base + ".lock"} {
		if modes[name] != 0o600 {
			t.Errorf("%s has mode %v", name, modes[name])
		}
	}
	if mode := modes["100% #1"]; mode != fs.ModeDir|0o700 || len(modes) != 5 {
		t.Errorf("the folder has mode %v, and there are %v", mode, modes)
	}
}

// Each row opens without the guard in its comment.
var loose = []struct {
	name, what string
	mode       fs.FileMode
	want       string
}{
	// ours, asked for the folder.
	{"others may enter the folder", "", 0o701, "its mode is 0701, expected 0700"},
	{"a group may list the folder", "", 0o740, "its mode is 0740, expected 0700"},
	// ours, asked for each file.
	{"others may read the database", "store.db", 0o604, "its mode is 0604, expected 0600"},
	{"a group may write the database", "store.db", 0o620, "its mode is 0620, expected 0600"},
	{"others may read the log", "store.db-wal", 0o604, "its mode is 0604, expected 0600"},
	{"others may take the lock", "store.db.lock", 0o606, "its mode is 0606, expected 0600"},
}

func TestWhatIsLooseIsRefused(t *testing.T) {
	for _, c := range loose {
		t.Run(c.name, func(t *testing.T) {
			s := settings(t, "")
			store, err := sqlite.Open(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(filepath.Dir(s.Path), c.what)
			if c.what == "store.db-wal" {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			refused(t, s, c.want)
		})
	}
}

// TestLinksAreRefused: a name that leads elsewhere may lead to a file that is not ours.
// It opens without the guard in private: IsRegular.
func TestLinksAreRefused(t *testing.T) {
	s := settings(t, "")
	if err := os.Mkdir(filepath.Dir(s.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), s.Path); err != nil {
		t.Fatal(err)
	}
	refused(t, s, "is not a regular file")
}

// refused wants an error that says so, and what was refused left alone.
func refused(t *testing.T, s sqlite.Settings, want string) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), s)
	if err == nil {
		_ = store.Close()
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
