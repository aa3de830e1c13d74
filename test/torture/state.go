package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// state is how far a case has come. It is kept as JSON, one file a case.
type state struct {
	Seed uint64 `json:"seed"`
	// Done is the number of the first step that is still to do.
	Done uint64 `json:"done"`
	// Spent is the time that the steps took, over all runs.
	Spent time.Duration `json:"spent_ns"`
}

func stateFile(folder, name string) string { return filepath.Join(folder, name+".json") }

// readState gives ok = false where the case was never begun. A file that does
// not read is an error: what was done under which seed is not guessed.
func readState(folder, name string) (s state, ok bool, err error) {
	text, err := os.ReadFile(stateFile(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, false, nil
	}
	if err != nil {
		return state{}, false, fmt.Errorf("read progress: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, false, fmt.Errorf("read progress: %s: %w; FRESH=1 begins anew", stateFile(folder, name), err)
	}
	return s, true, nil
}

// write replaces the file as a whole, so that a run that is killed leaves the
// progress before or the progress after.
func (s state) write(folder, name string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keep progress: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("keep progress: %w", err)
	}
	part := stateFile(folder, name) + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep progress: %w", err)
	}
	if err := os.Rename(part, stateFile(folder, name)); err != nil {
		return fmt.Errorf("keep progress: %w", err)
	}
	return nil
}
