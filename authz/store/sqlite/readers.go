package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/sallyport-authz/sallyport/authz"
)

// readers are the connections that answer lookups, each with its statements ready.
type readers struct {
	pool *sql.DB
	// idle are those whose turn it may be; nil stands for one that had a fault.
	idle   chan *reader
	closed chan struct{}
	// faulted is closed at the first fault.
	faulted chan struct{}
	once    sync.Once
}

// reader answers one lookup at a time.
type reader struct {
	connection *sql.Conn
	token      lookup[authz.Token]
	principal  lookup[authz.Principal]
	member     lookup[authz.Membership]
	domain     lookup[authz.Domain]
}

// newReaders makes two connections a processor: a lookup waits for the disk at most.
func newReaders(ctx context.Context, path string) (*readers, error) {
	most := max(4, 2*runtime.GOMAXPROCS(0))
	pool, err := connect(ctx, path, use{readOnly: true, most: most, cache: 8 << 10, mapped: true})
	if err != nil {
		return nil, err
	}
	r := &readers{pool: pool, idle: make(chan *reader, most), closed: make(chan struct{}), faulted: make(chan struct{})}
	for range most {
		one, err := newReader(ctx, pool)
		if err != nil {
			return nil, errors.Join(err, pool.Close())
		}
		r.idle <- one
	}
	return r, nil
}

func newReader(ctx context.Context, pool *sql.DB) (*reader, error) {
	connection, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	r := &reader{connection: connection}
	var errs [4]error
	r.token, errs[0] = prepare(ctx, connection, tokens(` WHERE t.prefix = ? AND t.lookup = ?`))
	r.principal, errs[1] = prepare(ctx, connection, principals(` WHERE p.kind = ? AND p.name = ?`))
	r.member, errs[2] = prepare(ctx, connection, members(` WHERE m.organization = ? AND m.subject = ?`))
	r.domain, errs[3] = prepare(ctx, connection, domains(` WHERE d.name = ?`))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return r, nil
}

// close ends the statements first: SQLite keeps a connection whose statements are not
// ended, and its files, until the process ends.
func (r *reader) close() {
	for _, statement := range []*sql.Stmt{r.token.statement, r.principal.statement, r.member.statement, r.domain.statement} {
		_ = statement.Close()
	}
	_ = r.connection.Close()
}

// lookup is a query that is ready.
type lookup[T any] struct {
	statement *sql.Stmt
	scan      func(row) (T, error)
}

func prepare[T any](ctx context.Context, connection *sql.Conn, what query[T]) (lookup[T], error) {
	statement, err := connection.PrepareContext(ctx, what.text)
	if err != nil {
		return lookup[T]{}, fmt.Errorf("prepare lookups: %w", err)
	}
	return lookup[T]{statement, what.scan}, nil
}

// look answers one lookup by one row. It waits for its turn as long as the context
// lasts; the lookup itself is short and not interrupted.
func look[T any](ctx context.Context, r *readers, what func(*reader) lookup[T], key ...any) (found T, err error) {
	if ctx.Err() != nil {
		return found, ctx.Err()
	}
	select {
	case one := <-r.idle:
		defer func() { r.idle <- one }()
		if one == nil {
			return found, errFault
		}
		l := what(one)
		found, fault, err := l.ask(ctx, key)
		if fault {
			one = nil
			r.once.Do(func() { close(r.faulted) })
		}
		return found, err
	case <-r.closed:
		return found, errClosed
	case <-ctx.Done():
		return found, ctx.Err()
	}
}

// errFault is told until the process is started again: what SQLite was about to do
// when it was interrupted is undone by nobody, so that nothing more is asked of it.
var errFault = errors.New("this connection to the store had a fault")

// Faulted is closed at the first fault: a page of the file that the disk could not
// read, or a defect. Lookups through the connection that had it can tell nothing any
// more, and it holds the log, which then only grows: the process is to be started again.
func (s *Store) Faulted() <-chan struct{} { return s.readers.faulted }

// ask reads one row. A page of the mapped file that the disk cannot read is a fault of
// memory, which would end the process: it is turned into "could not tell".
func (l lookup[T]) ask(ctx context.Context, key []any) (found T, fault bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if thrown := recover(); thrown != nil {
			var none T
			found, fault, err = none, true, errors.Join(errFault, authz.Panicked(thrown))
		}
	}()
	found, err = l.scan(l.statement.QueryRowContext(context.WithoutCancel(ctx), key...))
	return found, false, err
}

// close waits for lookups that have begun.
func (r *readers) close() error {
	close(r.closed)
	for range cap(r.idle) {
		if one := <-r.idle; one != nil {
			one.close()
		}
	}
	return r.pool.Close()
}
