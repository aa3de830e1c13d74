package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// next are the rows after a number, oldest first.
const next = ` WHERE seq > ? ORDER BY seq LIMIT ?`

// Feed implements authz.Feeder.
func (s *Store) Feed(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
	if err := paged(0, most); err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	found, err := all(ctx, s.admin, query[authz.Change]{`SELECT seq, at, touched FROM feed` + next, scanChange}, bounded(after), most)
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	return found, nil
}

// Audit implements authz.Feeder.
func (s *Store) Audit(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
	if err := paged(0, most); err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	found, err := audit(ctx, s.admin, after, most)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return found, nil
}

func audit(ctx context.Context, from querier, after uint64, most int) ([]authz.AuditEntry, error) {
	return all(ctx, from, query[authz.AuditEntry]{`SELECT seq, at, actor, origin, action, object, reason, previous, hash FROM audit` + next, scanEntry}, bounded(after), most)
}

// bounded is a number as SQLite can hold it: none of ours is above that.
func bounded(after uint64) int64 { return int64(min(after, 1<<63-1)) }

func paged(skip, most int) error {
	if skip < 0 || most < 1 || most > authz.MostRows {
		return fmt.Errorf("%w: page", authz.ErrInvalid)
	}
	return nil
}

func scanChange(r row) (authz.Change, error) {
	var c authz.Change
	var at moment
	var touched string
	if err := scan(r, &c.Seq, &at, &touched); err != nil {
		return authz.Change{}, err
	}
	var list [][]string
	if err := json.Unmarshal([]byte(touched), &list); err != nil {
		return authz.Change{}, fmt.Errorf("row %d: %w", c.Seq, err)
	}
	c.At = at.Time
	for _, each := range list {
		if len(each) == 0 {
			return authz.Change{}, fmt.Errorf("row %d has a touch without a topic", c.Seq)
		}
		c.Touched = append(c.Touched, authz.Touch{Topic: authz.Topic(each[0]), Name: each[1:]})
	}
	return c, nil
}

func scanEntry(r row) (authz.AuditEntry, error) {
	var e authz.AuditEntry
	var at moment
	err := scan(r, &e.Seq, &at, &e.Act.Actor, &e.Act.Origin, &e.Action, &e.Object, &e.Reason, &e.Previous, &e.Hash)
	e.At = at.Time
	return e, err
}
