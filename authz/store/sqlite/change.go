package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// change is one transaction that is being made.
type change struct {
	tx      *sql.Tx
	now     time.Time
	touched []authz.Touch
	// object and reason are the audit's.
	object, reason string
	applied        authz.Applied
}

// Apply implements authz.Applier. It waits for its turn as long as the context lasts;
// a change that has begun is not interrupted.
func (s *Store) Apply(ctx context.Context, act authz.Act, mutation authz.Mutation) (authz.Applied, error) {
	if err := authz.CheckMutation(act, mutation, s.now()); err != nil {
		return authz.Applied{}, err
	}
	var applied authz.Applied
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		applied, err = s.apply(ctx, tx, act, mutation)
		return err
	})
	if err != nil {
		return authz.Applied{}, fmt.Errorf("%s: %w", authz.ActionOf(mutation), err)
	}
	return applied, nil
}

// write does one transaction on the connection that writes. The context it hands on
// does not end: who was interrupted in a commit could tell nothing.
func (s *Store) write(ctx context.Context, do func(context.Context, *sql.Tx) error) (err error) {
	if err := s.turn.take(ctx); err != nil {
		return fmt.Errorf("wait to write: %w", err)
	}
	defer s.turn.give()
	ctx = context.WithoutCancel(ctx)
	connection, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() {
		if err != nil && !certain(err) {
			_ = connection.Raw(func(any) error { return driver.ErrBadConn }) // throws it away
		}
		_ = connection.Close()
	}()
	tx, err := connection.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: could not tell: %w", err)
	}
	return nil
}

// certain are the errors that say that nothing was changed.
func certain(err error) bool {
	return errors.Is(err, authz.ErrNotFound) || errors.Is(err, authz.ErrExists) || errors.Is(err, authz.ErrInvalid)
}

func (s *Store) apply(ctx context.Context, tx *sql.Tx, act authz.Act, mutation authz.Mutation) (authz.Applied, error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	// What was true when Apply began to wait may not be now: an expiry, above all.
	if err := authz.CheckMutation(act, mutation, now); err != nil {
		return authz.Applied{}, err
	}
	c := &change{tx: tx, now: now}
	changed, err := c.make(ctx, mutation)
	if err != nil || !changed {
		return c.applied, err
	}
	c.applied.Touched = c.touched
	c.applied.Seq, err = c.record(ctx, authz.AuditEntry{At: now, Act: act, Action: authz.ActionOf(mutation), Object: c.object, Reason: c.reason})
	return c.applied, err
}

// make tells whether there was anything to do.
func (c *change) make(ctx context.Context, mutation authz.Mutation) (changed bool, err error) {
	switch m := mutation.(type) {
	case authz.MintToken:
		return true, c.mint(ctx, m)
	case authz.RotateToken:
		return true, c.rotate(ctx, m)
	case authz.RevokeToken:
		return c.revoke(ctx, m)
	case authz.PutPrincipal:
		return c.putPrincipal(ctx, m.Principal)
	case authz.RemovePrincipal:
		return true, c.removePrincipal(ctx, m)
	case authz.PutOrganization:
		return c.putOrganization(ctx, m.Organization)
	case authz.RemoveOrganization:
		return true, c.removeOrganization(ctx, m)
	case authz.PutMember:
		return c.putMember(ctx, m.Membership)
	case authz.RemoveMember:
		return true, c.removeMember(ctx, m)
	case authz.PutDomain:
		return c.putDomain(ctx, m.Domain)
	case authz.RemoveDomain:
		return true, c.removeDomain(ctx, m)
	case authz.PutServerKey:
		return c.putServerKey(ctx, m.ServerKey)
	case authz.RemoveServerKey:
		return true, c.removeServerKey(ctx, m)
	case authz.RenewVerifier:
		return c.renewVerifier(ctx, m)
	default:
		return false, authz.ErrInvalid
	}
}

// record writes the row of the feed and the entry of the audit.
func (c *change) record(ctx context.Context, entry authz.AuditEntry) (uint64, error) {
	if err := c.tx.QueryRowContext(ctx, `UPDATE head SET seq = seq + 1 RETURNING seq`).Scan(&entry.Seq); err != nil {
		return 0, fmt.Errorf("take a number: %w", err)
	}
	touched, err := touchedText(c.touched)
	if err != nil {
		return 0, err
	}
	if err := c.do(ctx, `INSERT INTO feed (seq, at, touched) VALUES (?, ?, ?)`, entry.Seq, column(entry.At), touched); err != nil {
		return 0, err
	}
	var previous string
	if entry.Seq > 1 {
		// No entry is none of authz's errors here, but a broken chain.
		if err := c.tx.QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = ?`, entry.Seq-1).Scan(&previous); err != nil {
			return 0, fmt.Errorf("read the audit's last entry: %w", err)
		}
	}
	e := entry.Sealed(previous)
	return e.Seq, c.do(ctx, `INSERT INTO audit (seq, at, actor, origin, action, object, reason, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, column(e.At), e.Act.Actor, e.Act.Origin, e.Action, e.Object, e.Reason, e.Previous, e.Hash)
}

func (c *change) touch(topic authz.Topic, name ...string) {
	c.touched = append(c.touched, authz.Touch{Topic: topic, Name: name})
}

// do is one statement, whose effect is certain.
func (c *change) do(ctx context.Context, statement string, args ...any) error {
	if _, err := c.tx.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// one reads the one row that there is, or ErrNotFound.
func one[T any](ctx context.Context, tx *sql.Tx, what query[T], args ...any) (T, error) {
	return what.scan(tx.QueryRowContext(ctx, what.text, args...))
}

// all reads all rows.
func all[T any](ctx context.Context, from querier, what query[T], args ...any) (found []T, err error) {
	rows, err := from.QueryContext(ctx, what.text, args...)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		each, err := what.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read: %w", err)
		}
		found = append(found, each)
	}
	return found, rows.Err()
}

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// newID is never given twice: 26 letters and digits of 128 random bits.
func newID() string { return rand.Text() }

// touchedText is a JSON list of lists: a topic and the name's parts.
func touchedText(touched []authz.Touch) (string, error) {
	list := make([][]string, 0, len(touched))
	for _, t := range touched {
		list = append(list, append([]string{string(t.Topic)}, t.Name...))
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("write the feed: %w", err)
	}
	return string(text), nil
}
