package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed schema/*.sql
var schema embed.FS

// application marks the file as a Sallyport store's, in its header: "Saly".
const application = 0x53616c79

// ErrNewer and ErrForeign: a file that this program must not touch.
var (
	ErrNewer   = errors.New("the store was made by a newer program: use that one, or a backup from before")
	ErrForeign = errors.New("the file is a database, and not a Sallyport store")
)

// Migration is how many steps of the schema a store had, and has.
type Migration struct{ From, To int }

// migrate makes the steps that are missing, all of them or none.
func migrate(ctx context.Context, pool *sql.DB) (done Migration, err error) {
	steps, err := fs.Glob(schema, "schema/*.sql") // in the order of their names
	if err != nil {
		return Migration{}, fmt.Errorf("read schema: %w", err)
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return Migration{}, fmt.Errorf("migrate: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	done = Migration{To: len(steps)}
	if done.From, err = version(ctx, tx); err != nil {
		return Migration{}, err
	}
	if done.From > done.To {
		return Migration{}, fmt.Errorf("%w: its schema is %d, known is %d", ErrNewer, done.From, done.To)
	}
	for _, step := range steps[done.From:] {
		script, err := fs.ReadFile(schema, step)
		if err != nil {
			return Migration{}, fmt.Errorf("read schema: %w", err)
		}
		if _, err := tx.ExecContext(ctx, string(script)); err != nil {
			return Migration{}, fmt.Errorf("migrate by %s: %w", step, err)
		}
	}
	if done.From < done.To {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", application, done.To)); err != nil {
			return Migration{}, fmt.Errorf("migrate: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return Migration{}, fmt.Errorf("migrate: %w", err)
	}
	return done, nil
}

// version is how many steps were made. A file without a mark must be empty.
func version(ctx context.Context, tx *sql.Tx) (steps int, err error) {
	var mark, things int
	err = tx.QueryRowContext(ctx,
		`SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version`,
	).Scan(&mark, &steps, &things)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read the schema's version: %w", err)
	case mark == application && steps > 0 || mark == 0 && steps == 0 && things == 0:
		return steps, nil
	default:
		return 0, fmt.Errorf("%w: its mark is %#x, its schema %d", ErrForeign, mark, steps)
	}
}
