package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInventory: whatever changes what a compilation would find is seen, by
// content, and nothing else is. The guards are the three notes of inventory and
// what told makes of them.
func TestInventory(t *testing.T) {
	write := func(name, text string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	}
	for _, c := range []struct {
		name   string
		change func(dir string) error
		fresh  bool
	}{
		{"nothing", func(string) error { return nil }, true},
		{"a time", func(dir string) error { return os.Chtimes(filepath.Join(dir, "config"), time.Time{}, time.Unix(1, 0)) }, true},
		{"the same text in another file", func(dir string) error {
			return firstError(write("new", "con")(dir), os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "config")))
		}, true},
		{"a mode that lets nobody else write", func(dir string) error { return os.Chmod(filepath.Join(dir, "secret"), 0o644) }, true},
		{"a text of the same length", write("config", "onf"), false},
		{"an empty file", write("config", ""), false},
		{"a file that is gone", func(dir string) error { return os.Remove(filepath.Join(dir, "config")) }, false},
		{"a file that comes", write("absent", "x"), false},
		{"a folder in its place", func(dir string) error {
			return os.Rename(filepath.Join(dir, "rules"), filepath.Join(dir, "absent"))
		}, false},
		{"a mode that lets others write", func(dir string) error { return os.Chmod(filepath.Join(dir, "secret"), 0o660) }, false},
		{"a rule that comes", write("rules/deep/b.rego", "x"), false},
		{"a rule that goes", func(dir string) error { return os.Remove(filepath.Join(dir, "rules/a.rego")) }, false},
		{"a file in the folder that is no rule", write("rules/deep/notes.txt", "x"), true},
		{"a file in a folder that is hidden", write("rules/.old/b.rego", "x"), true},
		{"a link to a folder", func(dir string) error { return os.Symlink("/", filepath.Join(dir, "rules/all")) }, false},
		{"a link that leads elsewhere", func(dir string) error {
			link := filepath.Join(dir, "link")
			return firstError(os.Remove(link), os.Symlink("again2", link))
		}, false},
		{"a pipe that nobody writes to", func(dir string) error {
			file := filepath.Join(dir, "config")
			return firstError(os.Remove(file), syscall.Mkfifo(file, 0o600))
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			i := takeInventory(t, dir)
			if !i.fresh() {
				t.Fatal("not fresh from the start")
			}
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			if got := i.fresh(); got != c.fresh {
				t.Errorf("got fresh %v, want %v", got, c.fresh)
			}
		})
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// takeInventory reads one thing of each sort.
func takeInventory(t *testing.T, dir string) *inventory {
	t.Helper()
	for _, folder := range []string{"rules/deep", "rules/.old"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"config": "con", "again": "con", "again2": "other", "secret": "s", "rules/a.rego": "a"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("again", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	i := newInventory()
	for _, name := range []string{"config", "absent", "link", "rules/a.rego"} {
		_, _ = i.Read(filepath.Join(dir, name))
	}
	_ = i.private(filepath.Join(dir, "secret"))
	_, _ = i.List(filepath.Join(dir, "rules"))
	return i
}

// TestTornInventory: what changed between two readings of one compilation is
// never taken for whole, though the file is as it was read last. The guard is
// torn.
func TestTornInventory(t *testing.T) {
	file := write(t, "old")
	i := newInventory()
	_, _ = i.Read(file)
	if err := os.WriteFile(file, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _ = i.Read(file)
	if i.fresh() || i.same(i) {
		t.Error("it is taken for whole")
	}
}

// TestNobodyReadsPastTheInventory: what a compilation reads elsewhere would
// never be taken over when it changes.
func TestNobodyReadsPastTheInventory(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"inventory.go", "secret.go", "decisionlog.go"}, file) {
			continue // the first two are it; the third looks at where it writes
		}
		for _, call := range []string{"os.ReadFile(", "os.Open(", "os.OpenFile(", "os.ReadDir(", "os.Stat(", "readRegular("} {
			if strings.Contains(string(text), call) {
				t.Errorf("%s calls %s: read it by compiler.secrets.files, or it is not taken over when it changes", file, call)
			}
		}
	}
}
