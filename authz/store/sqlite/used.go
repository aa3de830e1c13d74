package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Used implements authz.UseStore. Changes wait for it and lookups do not: whoever
// notes many should do so seldom, or in several calls.
func (s *Store) Used(ctx context.Context, last map[string]time.Time) error {
	if len(last) == 0 {
		return nil
	}
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error { return note(ctx, tx, last) })
	if err != nil {
		return fmt.Errorf("note uses: %w", err)
	}
	return nil
}

func note(ctx context.Context, tx *sql.Tx, last map[string]time.Time) (err error) {
	statement, err := tx.PrepareContext(ctx, `INSERT INTO token_use (token, at) SELECT key, ?2 FROM token WHERE id = ?1
		ON CONFLICT (token) DO UPDATE SET at = excluded.at WHERE excluded.at > at`)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer func() { _ = statement.Close() }()
	for _, id := range slices.Sorted(maps.Keys(last)) {
		if at := last[id]; !at.IsZero() {
			if _, err := statement.ExecContext(ctx, id, column(at)); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
	}
	return nil
}
