package decisionlog_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openFile(t *testing.T, path string) *decisionlog.File {
	t.Helper()
	f, err := decisionlog.OpenFile(path)
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	return f
}

func put(t *testing.T, f *decisionlog.File, text string) {
	t.Helper()
	if n, err := f.Write([]byte(text)); err != nil || n != len(text) {
		t.Fatalf("Write(%q): %d, %v", text, n, err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}

// Guards: fileMode, O_APPEND.
func TestFileIsAppendedToAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	put(t, openFile(t, path), "a\n")
	put(t, openFile(t, path), "b\n")
	holds(t, path, "a\nb\n")
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
}

// TestFileFollowsItsName is what logrotate does, in each of its ways. Guard: follow.
func TestFileFollowsItsName(t *testing.T) {
	for _, c := range []struct {
		name   string
		rotate func(path string) error
		old    string
		want   string
	}{
		{"moved away", func(path string) error { return os.Rename(path, path+".1") }, "a\n", "b\n"},
		{"deleted", os.Remove, "", "b\n"},
		{"moved and made anew", func(path string) error {
			return errorsJoin(os.Rename(path, path+".1"), os.WriteFile(path, []byte("header\n"), 0o600))
		}, "a\n", "header\nb\n"},
		{"cut to nothing", func(path string) error { return os.Truncate(path, 0) }, "", "b\n"},
		{"nothing", func(string) error { return nil }, "", "a\nb\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "records")
			f := openFile(t, path)
			put(t, f, "a\n")
			must(t, c.rotate(path))
			put(t, f, "b\n")
			holds(t, path, c.want)
			if c.old != "" {
				holds(t, path+".1", c.old)
			}
		})
	}
}

func errorsJoin(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// A line that was begun in one file does not go on in the next. Guard: torn.
func TestFileEndsItsLineWhereItBegan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	f := openFile(t, path)
	put(t, f, "a\nhalf of ")
	must(t, os.Rename(path, path+".1"))
	put(t, f, "a line\nb\n")
	holds(t, path+".1", "a\nhalf of a line\n")
	holds(t, path, "b\n")
}

// What a killed process left unended does not spoil the first record. Guard: endLine.
func TestFileEndsSomebodysLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	must(t, os.WriteFile(path, []byte("{\"decision_id\":\"kil"), 0o600))
	put(t, openFile(t, path), "a\n")
	holds(t, path, "{\"decision_id\":\"kil\na\n")
}

// TestFileHeals: while the folder is away nothing is written, and nothing is
// written to the old file, which is nobody's any more; then it goes on.
func TestFileHeals(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "log")
	path := filepath.Join(folder, "records")
	must(t, os.Mkdir(folder, 0o700))
	f := openFile(t, path)
	must(t, os.Rename(folder, folder+".away"))
	if n, err := f.Write([]byte("a\n")); err == nil || n != 0 {
		t.Errorf("got %d, %v, want an error", n, err)
	}
	must(t, os.Rename(folder+".away", folder))
	put(t, f, "b\n")
	holds(t, path, "b\n")
}

// Only a regular file is taken: a pipe would block, a device swallow.
func TestOnlyRegularFiles(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, os.DevNull, filepath.Join(folder, "none", "records")} {
		if _, err := decisionlog.OpenFile(path); err == nil {
			t.Errorf("%s was opened", path)
		}
	}
	path := filepath.Join(folder, "records")
	f := openFile(t, path)
	must(t, os.Remove(path))
	must(t, os.Symlink(os.DevNull, path))
	if _, err := f.Write([]byte("a\n")); err == nil {
		t.Error("a device was written to")
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().Type() != fs.ModeDevice|fs.ModeCharDevice {
		t.Fatalf("%v, %v", info, err)
	}
}
