package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

func (c *change) putServerKey(ctx context.Context, k authz.ServerKey) (changed bool, err error) {
	before, err := one(ctx, c.tx, serverKeys(` WHERE k.id = ?`), k.ID)
	switch {
	case errors.Is(err, authz.ErrNotFound):
	case err != nil:
		return false, err
	case before == k:
		return false, nil
	default:
		return false, fmt.Errorf("%w: a server key with this id and another check", authz.ErrExists)
	}
	c.object = fmt.Sprintf("server key %s", k.ID)
	return true, c.do(ctx, `INSERT INTO server_key (id, checked) VALUES (?, ?)`, k.ID, k.Check)
}

func (c *change) removeServerKey(ctx context.Context, m authz.RemoveServerKey) error {
	if _, err := one(ctx, c.tx, serverKeys(` WHERE k.id = ?`), m.ID); err != nil {
		return err
	}
	c.object = fmt.Sprintf("server key %s", m.ID)
	return c.do(ctx, `DELETE FROM server_key WHERE id = ?`, m.ID)
}

func (c *change) renewVerifier(ctx context.Context, m authz.RenewVerifier) (changed bool, err error) {
	held, update, id, err := c.holder(ctx, m.Holder)
	switch {
	case err != nil:
		return false, err
	case held == m.New:
		return false, nil
	case held != m.Old:
		return false, fmt.Errorf("%w: the verifier is another one by now", authz.ErrNotFound)
	default:
		return true, c.do(ctx, update, m.New, id)
	}
}

// holder gives the verifier that is held, and the statement that sets it by an id.
func (c *change) holder(ctx context.Context, h authz.Holder) (held, update, id string, err error) {
	if h.Token != "" {
		t, err := one(ctx, c.tx, tokens(` WHERE t.id = ?`), h.Token)
		c.object = "token " + t.ID
		return t.Verifier, `UPDATE token SET verifier = ? WHERE id = ?`, t.ID, err
	}
	p, err := one(ctx, c.tx, principals(oneOfKind), string(h.Kind), h.Name)
	c.object = fmt.Sprintf("%s %s %s", p.Kind, p.Name, p.ID)
	return p.Verifier, `UPDATE principal SET verifier = ? WHERE id = ?`, p.ID, err
}

// Verifiers implements authz.VerifierStore. It reads the whole file once.
func (s *Store) Verifiers(ctx context.Context, each func(verifier string) error) (err error) {
	rows, err := s.admin.QueryContext(ctx, `SELECT verifier FROM token WHERE revoked IS NULL AND (expires IS NULL OR expires > ?)
		UNION ALL SELECT verifier FROM principal WHERE verifier <> ''`, s.now().UnixMicro())
	if err != nil {
		return fmt.Errorf("list verifiers: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var verifier string
		if err := rows.Scan(&verifier); err != nil {
			return fmt.Errorf("list verifiers: %w", err)
		}
		if err := each(verifier); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list verifiers: %w", err)
	}
	return nil
}
