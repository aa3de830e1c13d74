package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Settings say where the store is.
type Settings struct {
	// Path is the database file. Its folder is made when it is not there.
	Path string
	Now  func() time.Time
	// Waiting, if any, is called once when another process owns the store, before
	// Open waits for it.
	Waiting func()
}

// Store is an open store. All of it may be used at the same time.
type Store struct {
	path     string
	now      func() time.Time
	migrated Migration
	lock     *lock
	turn     *turn
	writer   *sql.DB
	admin    *sql.DB
	readers  *readers
}

var (
	_ authz.TokenStore     = (*Store)(nil)
	_ authz.PrincipalStore = (*Store)(nil)
	_ authz.TenantStore    = (*Store)(nil)
	_ authz.Applier        = (*Store)(nil)
	_ authz.Feeder         = (*Store)(nil)
	_ authz.Lister         = (*Store)(nil)
	_ authz.UseStore       = (*Store)(nil)
)

// Open opens the store, makes it where there is none, and brings an older one up to
// this program's schema. It waits for a process that owns it: when the context ends
// first, the error is ErrInUse.
func Open(ctx context.Context, settings Settings) (*Store, error) {
	if settings.Path == "" || settings.Now == nil {
		return nil, errors.New("open store: path or clock is missing")
	}
	place, err := locate(settings.Path)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", settings.Path, err)
	}
	held, err := acquire(ctx, place.lock(), settings.Waiting)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", settings.Path, err)
	}
	s := &Store{path: place.database, now: settings.Now, lock: held, turn: newTurn()}
	if err := s.open(ctx, place); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", settings.Path, err), s.Close())
	}
	return s, nil
}

// open does what is left to do for who holds the lock.
func (s *Store) open(ctx context.Context, place place) (err error) {
	if err := place.make(); err != nil {
		return err
	}
	if s.writer, err = connect(ctx, place.database, writing()); err != nil {
		return err
	}
	if s.migrated, err = migrate(ctx, s.writer); err != nil {
		return err
	}
	if s.admin, err = connect(ctx, place.database, listing()); err != nil {
		return err
	}
	s.readers, err = newReaders(ctx, place.database)
	return err
}

// Close ends the store after the changes and lookups that have begun, and lets the
// next process have it. What begins later could not tell. A second Close does nothing.
func (s *Store) Close() error {
	if !s.turn.end() {
		return nil
	}
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.close())
	}
	for _, pool := range []*sql.DB{s.admin, s.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(append(errs, s.lock.release())...)
}

// Migrated is what Open had to do to the schema.
func (s *Store) Migrated() Migration { return s.migrated }

// Migrate brings the store's schema up to this program's, and does nothing else.
func Migrate(ctx context.Context, settings Settings) (Migration, error) {
	s, err := Open(ctx, settings)
	if err != nil {
		return Migration{}, err
	}
	return s.Migrated(), s.Close()
}
