package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the driver of this name
)

// use is what connections are for.
type use struct {
	readOnly bool
	most     int
	// cache is how many KiB each of them keeps.
	cache int
	// mapped reads the file as memory, as far as SQLite does that (2 GiB): see doc.go.
	mapped bool
}

func writing() use { return use{most: 1, cache: 16 << 10} }

func listing() use { return use{readOnly: true, most: 2, cache: 2 << 10} }

// copying is not read-only: SQLite would refuse to write the copy, too.
func copying() use { return use{most: 1, cache: 2 << 10} }

func single() use { return use{readOnly: true, most: 1, cache: 2 << 10} }

var errSetting = errors.New("SQLite did not take a setting")

// connect opens connections of a kind, and looks at what SQLite made of the settings:
// it ignores those that it does not know, and takes another journal where a file
// system cannot do this one.
func connect(ctx context.Context, path string, what use) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", address(path, what))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	pool.SetMaxOpenConns(what.most)
	pool.SetMaxIdleConns(what.most)
	var journal string
	var synchronous, foreign int
	err = pool.QueryRowContext(ctx,
		`SELECT journal_mode, synchronous, foreign_keys FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys`,
	).Scan(&journal, &synchronous, &foreign)
	const full = 2
	switch {
	case err != nil:
		err = fmt.Errorf("connect: %w", err)
	case journal != "wal" || synchronous != full || foreign != 1:
		err = fmt.Errorf("connect: %w: journal %s, synchronous %d, foreign keys %d", errSetting, journal, synchronous, foreign)
	}
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// address tells SQLite the file and what every connection begins with.
func address(path string, what use) string {
	pragmas := []string{
		"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)", "fullfsync(1)", "foreign_keys(1)",
		"trusted_schema(0)", "journal_size_limit(67108864)", fmt.Sprintf("cache_size(-%d)", what.cache),
	}
	if what.mapped {
		pragmas = append(pragmas, "mmap_size(2147418112)")
	} else {
		pragmas = append(pragmas, "cell_size_check(1)")
	}
	if what.readOnly {
		pragmas = append(pragmas, "query_only(1)")
	}
	settings := url.Values{"_txlock": {"immediate"}, "_dqs": {"0"}, "_defensive": {"1"}, "_error_rc": {"1"}, "_pragma": pragmas}
	name := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	return name.String()
}
