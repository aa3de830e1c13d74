package main

import (
	"context"
	"log/slog"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// flusher hands over uses that were noted: a uses.Recorder.
type flusher interface {
	Flush(ctx context.Context) error
}

// fresh is a store that is told of all uses before it tells administrators of tokens
// (row G12). What could not be handed over is told later: a list of tokens is more
// worth than the time of their last use.
type fresh struct {
	*sqlite.Store
	noted flusher
	log   *slog.Logger
}

// Token implements authz.TokenStore.
func (f fresh) Token(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
	f.flush(ctx)
	return f.Store.Token(ctx, ref) //nolint:wrapcheck // a delegate's error is the store's
}

// List implements authz.Lister.
func (f fresh) List(ctx context.Context, query authz.Query) (authz.Listing, error) {
	if query.Of == authz.Tokens {
		f.flush(ctx)
	}
	return f.Store.List(ctx, query) //nolint:wrapcheck // as in Token
}

func (f fresh) flush(ctx context.Context) {
	if err := f.noted.Flush(ctx); err != nil {
		f.log.Warn("uses are noted later", "cause", err)
	}
}

// nothingNoted is for a process that answers no Check.
type nothingNoted struct{}

// Flush implements flusher.
func (nothingNoted) Flush(context.Context) error { return nil }
