package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// ErrDamaged: the store is not what it was made to be.
var ErrDamaged = errors.New("the store is damaged")

// Check reads the whole store. Its error wraps ErrDamaged and tells all that it found,
// or it could not read. Others may use the store meanwhile.
func (s *Store) Check(ctx context.Context) (err error) {
	pool, err := connect(ctx, s.path, single())
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // all looks are at one moment
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := errors.Join(whole(ctx, tx), referring(ctx, tx), gapless(ctx, tx), chained(ctx, tx)); err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	return nil
}

// whole is SQLite's own look at pages, indexes and constraints.
func whole(ctx context.Context, tx *sql.Tx) error {
	found, err := all(ctx, tx, query[string]{`PRAGMA integrity_check`, scanText})
	switch {
	case err != nil:
		return err
	case len(found) == 1 && found[0] == "ok":
		return nil
	default:
		return fmt.Errorf("%w: integrity: %q", ErrDamaged, found)
	}
}

func scanText(r row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

// referring looks for rows whose organization, token or row of the feed is missing.
func referring(ctx context.Context, tx *sql.Tx) error {
	var lost int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&lost); err != nil {
		return fmt.Errorf("foreign keys: %w", err)
	}
	if lost > 0 {
		return fmt.Errorf("%w: %d rows refer to what is not there", ErrDamaged, lost)
	}
	return nil
}

// gapless wants rows 1 to head in the feed and in the audit.
func gapless(ctx context.Context, tx *sql.Tx) error {
	var head, heads int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0), count(*) FROM head`).Scan(&head, &heads); err != nil {
		return fmt.Errorf("head: %w", err)
	}
	if heads != 1 {
		return fmt.Errorf("%w: %d heads", ErrDamaged, heads)
	}
	for _, table := range []string{"feed", "audit"} {
		var first, last, rows int
		err := tx.QueryRowContext(ctx, `SELECT coalesce(min(seq), 1), coalesce(max(seq), 0), count(*) FROM `+table).Scan(&first, &last, &rows)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", table, err)
		case first != 1 || last != head || rows != head:
			return fmt.Errorf("%w: %s has %d rows, %d to %d, and %d were written", ErrDamaged, table, rows, first, last, head)
		}
	}
	return nil
}

// chained follows the audit from its beginning.
func chained(ctx context.Context, tx *sql.Tx) error {
	var last authz.AuditEntry
	for {
		entries, err := audit(ctx, tx, last.Seq, authz.MostRows)
		if err != nil {
			return err
		}
		if err := authz.CheckAudit(last.Hash, entries); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if len(entries) < authz.MostRows {
			return nil
		}
		last = entries[len(entries)-1]
	}
}
