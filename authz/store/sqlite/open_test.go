package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// TestOneOwner: who comes second waits, says so once, and goes on when the first one
// ends; one whose context ends first is told why.
func TestOneOwner(t *testing.T) {
	s := settings(t, "")
	first, err := sqlite.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, first, mint("one"))

	brief, stop := context.WithTimeout(t.Context(), 120*time.Millisecond)
	defer stop()
	if _, err := sqlite.Open(brief, s); !errors.Is(err, sqlite.ErrInUse) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, want ErrInUse", err)
	}

	waiting := make(chan struct{}, 10)
	second := s
	second.Waiting = func() { waiting <- struct{}{} }
	opened := make(chan error, 1)
	go func() {
		store, err := sqlite.Open(t.Context(), second)
		if err == nil {
			_, err = store.Token(t.Context(), ref("one"))
			err = errors.Join(err, store.Close())
		}
		opened <- err
	}()
	<-waiting
	select {
	case err := <-opened:
		t.Fatalf("the second one did not wait: %v", err)
	case <-time.After(150 * time.Millisecond):
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil || len(waiting) != 0 {
		t.Errorf("got %v, and it said so %d times more", err, len(waiting))
	}
}

// Each row opens without the guard in its comment.
var strange = []struct {
	name, script string
	want         error
}{
	// migrate: done.From > done.To.
	{"schema of a newer program", "PRAGMA application_id = 1398893689; PRAGMA user_version = 1000", sqlite.ErrNewer},
	// version: mark == application.
	{"somebody else's mark", "PRAGMA application_id = 7", sqlite.ErrForeign},
	// version: things == 0.
	{"somebody else's tables", "CREATE TABLE t (a)", sqlite.ErrForeign},
	// version: steps == 0.
	{"somebody else's version", "PRAGMA user_version = 1", sqlite.ErrForeign},
	// version: steps > 0.
	{"our mark without a schema", "PRAGMA application_id = 1398893689", sqlite.ErrForeign},
}

func TestStrangeFilesAreRefused(t *testing.T) {
	for _, c := range strange {
		t.Run(c.name, func(t *testing.T) {
			s := settings(t, "")
			prepared(t, s.Path, c.script)
			before, err := os.ReadFile(s.Path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sqlite.Open(t.Context(), s); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, err := sqlite.Migrate(t.Context(), s); !errors.Is(err, c.want) {
				t.Errorf("migrate: got %v, want %v", err, c.want)
			}
			after, err := os.ReadFile(s.Path)
			if err != nil || len(after) != len(before) {
				t.Errorf("the file was changed, %v", err)
			}
		})
	}
}

// prepared writes a database that is not ours by a script.
func prepared(t *testing.T, path, script string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	edit(t, path, script)
}

// edit changes a database without the store.
func edit(t *testing.T, path, script string) {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), script); err != nil {
		t.Fatal(err)
	}
}
