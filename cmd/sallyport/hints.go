package main

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// mostLinks bounds how far a path is followed.
const mostLinks = 40

// hints tell that something may have changed. They may come for nothing and fail
// to come: what has changed is always found by looking.
type hints struct {
	// changed never blocks whoever sends and holds at most one hint.
	changed chan struct{}
	watcher *fsnotify.Watcher
	log     *slog.Logger
	// names are the last parts of the paths that matter.
	names chan map[string]bool
	done  chan struct{}
}

// newHints gives hints that never come where the system has none.
func newHints(log *slog.Logger) *hints {
	h := &hints{changed: make(chan struct{}, 1), names: make(chan map[string]bool), done: make(chan struct{}), log: log}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("files are looked at by the interval only", "cause", err.Error())
		close(h.done)
		return h
	}
	h.watcher = watcher
	go h.listen()
	return h
}

// listen drops what is said of files that nobody reads: a log may be written in
// the folder of the configuration.
func (h *hints) listen() {
	defer close(h.done)
	names := map[string]bool{}
	for {
		select {
		case names = <-h.names:
		case event, open := <-h.watcher.Events:
			if !open {
				return
			}
			written := event.Op&^(fsnotify.Write|fsnotify.Chmod) == 0
			if !written || names[filepath.Base(event.Name)] {
				h.hint()
			}
		case _, open := <-h.watcher.Errors:
			if !open {
				return
			}
			h.hint()
		}
	}
}

func (h *hints) hint() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// follow watches the folders of all that was looked at. A folder that was
// removed and made again is watched anew.
func (h *hints) follow(all ...*inventory) {
	if h.watcher == nil {
		return
	}
	w := watched{folders: map[string]bool{}, names: map[string]bool{}}
	for _, files := range all {
		for at := range files.found {
			w.add(at)
		}
	}
	for _, old := range h.watcher.WatchList() {
		if !w.folders[old] {
			_ = h.watcher.Remove(old)
		}
	}
	for folder := range w.folders {
		_ = h.watcher.Add(folder)
	}
	select {
	case h.names <- w.names:
	case <-h.done:
	}
}

func (h *hints) close() {
	if h.watcher != nil {
		_ = h.watcher.Close()
	}
	<-h.done
}

// watched are folders in which something may happen that matters.
type watched struct{ folders, names map[string]bool }

func (w watched) add(at sight) {
	w.path(at.path, mostLinks)
	if at.kind != listing {
		return
	}
	root, err := filepath.Abs(at.path)
	if err != nil {
		return
	}
	root += string(filepath.Separator) // so that a root that is a link is entered
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil //nolint:nilerr // what cannot be watched is looked at by the interval
		}
		if path != root && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		w.folders[filepath.Clean(path)] = true
		return nil
	})
}

// path adds the folder of a path, and those of the links on the way: a change to
// a link is told in the folder that the link is in.
func (w watched) path(path string, left int) {
	whole, err := filepath.Abs(path)
	if err != nil || left == 0 {
		return
	}
	w.folders[filepath.Dir(whole)], w.names[filepath.Base(whole)] = true, true
	for at := whole; at != filepath.Dir(at); at = filepath.Dir(at) {
		target, err := os.Readlink(at)
		if err != nil {
			continue
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(at), target)
		}
		w.folders[filepath.Dir(at)] = true
		w.path(filepath.Join(target, strings.TrimPrefix(whole, at)), left-1)
		return
	}
}
