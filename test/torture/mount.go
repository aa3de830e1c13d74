package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// mount is a folder of files that change together, as Kubernetes mounts a
// ConfigMap: names are links into ..data, which is a link that is swapped.
type mount struct {
	dir string
	// swaps numbers the folders.
	swaps int
}

// publish swaps to a folder with these files; those of the one before are gone.
func (m *mount) publish(files map[string]string) error {
	m.swaps++
	folder := fmt.Sprintf("..%d", m.swaps)
	for name, text := range files {
		if err := put(filepath.Join(m.dir, folder, name), text); err != nil {
			return err
		}
	}
	before, _ := os.Readlink(filepath.Join(m.dir, "..data"))
	if err := m.swap(folder); err != nil {
		return err
	}
	for name := range files {
		if err := m.link(name); err != nil {
			return err
		}
	}
	if before != "" {
		if err := os.RemoveAll(filepath.Join(m.dir, before)); err != nil {
			return fmt.Errorf("remove the old folder: %w", err)
		}
	}
	return m.sweep(files)
}

func put(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return nil
}

// swap is the one moment at which all files change.
func (m *mount) swap(folder string) error {
	next := filepath.Join(m.dir, "..new")
	if err := os.Symlink(folder, next); err != nil {
		return fmt.Errorf("link the folder: %w", err)
	}
	if err := os.Rename(next, filepath.Join(m.dir, "..data")); err != nil {
		return fmt.Errorf("swap the folder: %w", err)
	}
	return nil
}

// link leads a name to what is in ..data.
func (m *mount) link(name string) error {
	path := filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	up := strings.Repeat("../", strings.Count(name, "/"))
	if err := os.Symlink(up+"..data/"+name, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("link a file: %w", err)
	}
	return nil
}

// sweep removes links that lead nowhere any more, as Kubernetes does.
func (m *mount) sweep(files map[string]string) error {
	err := filepath.WalkDir(m.dir, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(m.dir, path)
		_, wanted := files[name]
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(name, "..") && entry.IsDir():
			return filepath.SkipDir
		case entry.IsDir() || name == "..data" || wanted:
			return nil
		default:
			return os.Remove(path)
		}
	})
	if err != nil {
		return fmt.Errorf("remove old links: %w", err)
	}
	return nil
}

// path is where the program reads a file.
func (m *mount) path(name string) string { return filepath.Join(m.dir, name) }

// real is where the file is.
func (m *mount) real(name string) string { return filepath.Join(m.dir, "..data", name) }
