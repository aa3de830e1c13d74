package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func (c *change) mint(ctx context.Context, m authz.MintToken) error {
	t := m.Token
	if err := c.mayOwn(ctx, t.Owner); err != nil {
		return err
	}
	if err := c.room(ctx, m); err != nil {
		return err
	}
	added, err := c.add(ctx, t)
	c.object = "token " + added.ID
	return err
}

// mayOwn refuses an owner who is not there, or may have no tokens.
func (c *change) mayOwn(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	owner, err := one(ctx, c.tx, principals(` WHERE p.id = ?`), id)
	switch {
	case err != nil:
		return fmt.Errorf("owner: %w", err)
	case !owner.MayOwnTokens():
		return fmt.Errorf("%w: owner: a machine that logs in by a password has no tokens", authz.ErrInvalid)
	default:
		return nil
	}
}

// room refuses one token more than Most.
func (c *change) room(ctx context.Context, m authz.MintToken) error {
	if m.Most == 0 {
		return nil
	}
	// The planner finds an owner's or a tenant's tokens by their index only where the
	// query says that they have one.
	where := ` WHERE owner = ? AND tenant = ?`
	switch {
	case m.Token.Owner != "":
		where += ` AND owner <> ''`
	case m.Token.Tenant != "":
		where += ` AND tenant <> ''`
	default:
	}
	var active int
	err := c.tx.QueryRowContext(ctx, `SELECT count(*) FROM token`+where+` AND prefix = ? AND revoked IS NULL AND (expires IS NULL OR expires > ?)`,
		m.Token.Owner, m.Token.Tenant, m.Token.Ref.Prefix, column(c.now)).Scan(&active)
	switch {
	case err != nil:
		return fmt.Errorf("count tokens: %w", err)
	case active >= m.Most:
		return fmt.Errorf("%w: %d tokens, and no more than %d are allowed", authz.ErrExists, active, m.Most)
	default:
		return nil
	}
}

// add writes a token with an id of its own, and gives it as it is found from now on.
func (c *change) add(ctx context.Context, t authz.Token) (authz.Token, error) {
	_, err := one(ctx, c.tx, tokens(` WHERE t.prefix = ? AND t.lookup = ?`), t.Ref.Prefix, t.Ref.Lookup)
	switch {
	case err == nil:
		return authz.Token{}, fmt.Errorf("%w: a token with this reference", authz.ErrExists)
	case !errors.Is(err, authz.ErrNotFound):
		return authz.Token{}, fmt.Errorf("look for the reference: %w", err)
	}
	texts, err := textsOf(t.Grant)
	if err != nil {
		return authz.Token{}, err
	}
	id := newID()
	err = c.do(ctx, `INSERT INTO token (id, prefix, lookup, verifier, name, owner, subject, tenant, role, user, scopes, claims, networks, created, expires, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')`,
		id, t.Ref.Prefix, t.Ref.Lookup, t.Verifier, t.Name, t.Owner, t.Subject, t.Tenant, t.Role, t.User,
		texts.scopes, texts.claims, texts.networks, column(c.now), column(t.Expires))
	if err != nil {
		return authz.Token{}, err
	}
	return c.showToken(ctx, id)
}

// showToken reads a token, touches it and shows it to who asked for the change.
func (c *change) showToken(ctx context.Context, id string) (authz.Token, error) {
	t, err := one(ctx, c.tx, tokens(` WHERE t.id = ?`), id)
	if err != nil {
		return authz.Token{}, err
	}
	c.touchToken(t)
	c.applied.Token = t
	return t, nil
}

func (c *change) touchToken(t authz.Token) {
	c.touch(authz.TopicToken, t.ID)
	c.touch(authz.TopicTokenRef, t.Ref.Prefix, t.Ref.Lookup)
}

func (c *change) rotate(ctx context.Context, m authz.RotateToken) error {
	old, err := one(ctx, c.tx, tokens(` WHERE t.id = ?`), m.ID)
	if err != nil {
		return err
	}
	if !old.Revoked.IsZero() || !old.Expires.IsZero() && !c.now.Before(old.Expires) {
		return fmt.Errorf("%w: the token has ended", authz.ErrInvalid)
	}
	c.touchToken(old)
	if ends, sooner := overlapped(old, c.now, m.Overlap); sooner {
		if err := c.do(ctx, `UPDATE token SET expires = ? WHERE id = ?`, column(ends), old.ID); err != nil {
			return err
		}
	}
	next := m.Successor
	next.Name, next.Owner, next.Grant = old.Name, old.Owner, old.Grant
	next, err = c.add(ctx, next)
	c.object = "token " + old.ID + " to " + next.ID
	return err
}

// overlapped is when a token ends that has a successor.
func overlapped(old authz.Token, now time.Time, overlap time.Duration) (ends time.Time, sooner bool) {
	ends = now.Add(overlap)
	return ends, old.Expires.IsZero() || ends.Before(old.Expires)
}

func (c *change) revoke(ctx context.Context, m authz.RevokeToken) (changed bool, err error) {
	var t authz.Token
	if m.ID != "" {
		t, err = one(ctx, c.tx, tokens(` WHERE t.id = ?`), m.ID)
	} else {
		t, err = one(ctx, c.tx, tokens(` WHERE t.prefix = ? AND t.lookup = ?`), m.Ref.Prefix, m.Ref.Lookup)
	}
	if err != nil {
		return false, err
	}
	if !t.Revoked.IsZero() {
		c.applied.Token = t
		return false, nil
	}
	if err := c.end(ctx, t, m.Reason); err != nil {
		return false, err
	}
	t.Revoked, t.Reason = c.now, m.Reason
	c.applied.Token = t
	c.object, c.reason = "token "+t.ID, m.Reason
	return true, nil
}

// end revokes a token that is not revoked yet.
func (c *change) end(ctx context.Context, t authz.Token, reason string) error {
	c.touchToken(t)
	return c.do(ctx, `UPDATE token SET revoked = ?, reason = ? WHERE id = ? AND revoked IS NULL`, column(c.now), reason, t.ID)
}

// endAll revokes the tokens that a query finds. Those that were revoked before are
// touched too: their owner goes, or their tenant.
func (c *change) endAll(ctx context.Context, reason, where string, args ...any) error {
	found, err := all(ctx, c.tx, tokens(where+` ORDER BY t.created, t.id`), args...)
	if err != nil {
		return err
	}
	for _, t := range found {
		if err := c.end(ctx, t, reason); err != nil {
			return err
		}
	}
	return nil
}
