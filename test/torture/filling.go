package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// filling puts many tokens into a store's file in a short time: the rows are those
// that a mint writes, of token, feed and audit, but thousands of mints are one
// transaction, and nothing waits for the disk. TestFillingIsMinting holds the rows
// against those of the engine.
type filling struct {
	now time.Time
	// last is the last entry of the audit.
	last authz.AuditEntry
}

// batch is how many tokens are one transaction.
const batch = 20_000

// fill makes a store with so many tokens, of which filledRef tells what they show.
func fill(ctx context.Context, path string, tokens int) (err error) {
	store, err := sqlite.Open(ctx, sqlite.Settings{Path: path, Now: time.Now})
	if err != nil {
		return fmt.Errorf("make the store: %w", err)
	}
	if err := store.Close(); err != nil {
		return fmt.Errorf("make the store: %w", err)
	}
	f := &filling{now: time.Now().UTC().Truncate(time.Microsecond)}
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(off)&_pragma=cache_size(-1048576)")
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	for done := 0; done < tokens; done += batch {
		if err := f.batch(ctx, pool, min(batch, tokens-done)); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	if _, err := pool.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	return nil
}

// inserts are the statements of one transaction.
type inserts struct{ token, feed, audit *sql.Stmt }

func (f *filling) batch(ctx context.Context, pool *sql.DB, tokens int) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var to inserts
	for _, each := range []struct {
		statement **sql.Stmt
		text      string
	}{
		{&to.token, `INSERT INTO token (id, prefix, lookup, verifier, name, owner, subject, tenant, role, user, scopes, claims, created, reason)
			VALUES (?, ?, ?, ?, ?, '', ?, '', '', '', ?, '', ?, '')`},
		{&to.feed, `INSERT INTO feed (seq, at, touched) VALUES (?, ?, ?)`},
		{&to.audit, `INSERT INTO audit (seq, at, actor, origin, action, object, reason, previous, hash) VALUES (?, ?, ?, ?, ?, ?, '', ?, ?)`},
	} {
		if *each.statement, err = tx.PrepareContext(ctx, each.text); err != nil {
			return err
		}
	}
	for range tokens {
		if err := f.token(ctx, to); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE head SET seq = ?", f.last.Seq); err != nil {
		return err
	}
	return tx.Commit()
}

// token is one token, whose time is a microsecond after that of the one before.
func (f *filling) token(ctx context.Context, to inserts) error {
	number := f.last.Seq + 1
	f.now = f.now.Add(time.Microsecond)
	ref := filledRef(uint32(number))
	id, verifier := rand.Text(), sha256.Sum256([]byte(ref.Lookup))
	scopes, err := json.Marshal(deedGrant().Scopes)
	if err != nil {
		return err
	}
	touched, err := json.Marshal([][]string{{string(authz.TopicToken), id}, {string(authz.TopicTokenRef), ref.Prefix, ref.Lookup}})
	if err != nil {
		return err
	}
	if _, err := to.token.ExecContext(ctx, id, ref.Prefix, ref.Lookup, "$hmac-sha256$k=k1$"+base64.RawStdEncoding.EncodeToString(verifier[:]),
		fmt.Sprint("deed ", number), deedGrant().Subject, string(scopes), f.now.UnixMicro()); err != nil {
		return err
	}
	if _, err := to.feed.ExecContext(ctx, number, f.now.UnixMicro(), string(touched)); err != nil {
		return err
	}
	e := authz.AuditEntry{Seq: number, At: f.now, Act: authz.Act{Actor: "uid:1000 (torture)", Origin: "cli"}, Action: minted, Object: "token " + id}.Sealed(f.last.Hash)
	f.last = e
	_, err = to.audit.ExecContext(ctx, e.Seq, e.At.UnixMicro(), e.Act.Actor, e.Act.Origin, e.Action, e.Object, e.Previous, e.Hash)
	return err
}

// filledRef is what a token shows of itself, by its number: as if it were random, and
// no two alike.
func filledRef(number uint32) authz.TokenRef {
	const first, second = 0x9e3779b1, 0x85ebca6b // odd: each step can be undone
	mixed := (number + 1) * first
	mixed = (mixed ^ mixed>>16) * second
	mixed ^= mixed >> 13
	return authz.TokenRef{Prefix: deedPrefix, Lookup: fmt.Sprintf("%08x", mixed)}
}
