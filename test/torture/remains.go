package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// remains are what a store holds after its process was killed.
type remains struct {
	tokens []authz.Token
	feed   []authz.Change
	audit  []authz.AuditEntry
}

// readRemains opens a store that no process has. One that its own check finds
// damaged is an error.
func readRemains(ctx context.Context, path string) (r remains, err error) {
	store, err := sqlite.Open(ctx, sqlite.Settings{Path: path, Now: time.Now})
	if err != nil {
		return remains{}, fmt.Errorf("open the remains: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.Check(ctx); err != nil {
		return remains{}, fmt.Errorf("the remains: %w", err)
	}
	r.tokens, err = rows(func(from []authz.Token) ([]authz.Token, error) {
		page, err := store.List(ctx, authz.Query{Of: authz.Tokens, Skip: len(from), Most: authz.MostRows})
		return page.Tokens, err
	})
	if err != nil {
		return remains{}, err
	}
	// Numbers have no gaps, or the check would have told: the last one is how many.
	if r.feed, err = rows(func(from []authz.Change) ([]authz.Change, error) {
		return store.Feed(ctx, uint64(len(from)), authz.MostRows)
	}); err != nil {
		return remains{}, err
	}
	r.audit, err = rows(func(from []authz.AuditEntry) ([]authz.AuditEntry, error) {
		return store.Audit(ctx, uint64(len(from)), authz.MostRows)
	})
	return r, err
}

// rows asks for page after page.
func rows[T any](next func(from []T) ([]T, error)) (all []T, err error) {
	for {
		page, err := next(all)
		if err != nil {
			return nil, fmt.Errorf("read the remains: %w", err)
		}
		if all = append(all, page...); len(page) < authz.MostRows {
			return all, nil
		}
	}
}
