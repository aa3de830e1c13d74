package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// shelf is a store of one token that answers at once.
type shelf struct{ row authz.Token }

// Token implements authz.TokenStore.
func (s shelf) Token(_ context.Context, ref authz.TokenRef) (authz.Token, error) {
	if ref != s.row.Ref {
		return authz.Token{}, authz.ErrNotFound
	}
	return s.row, nil
}

// stored is the embedded store with that token.
func stored(ctx context.Context, dir string, row authz.Token) (*sqlite.Store, error) {
	store, err := sqlite.Open(ctx, sqlite.Settings{Path: filepath.Join(dir, "sallyport.db"), Now: time.Now})
	if err != nil {
		return nil, fmt.Errorf("open a store: %w", err)
	}
	if _, err := store.Apply(ctx, authz.Act{Actor: "bench", Origin: "offline"}, authz.MintToken{Token: row}); err != nil {
		return nil, errors.Join(fmt.Errorf("mint a token: %w", err), store.Close())
	}
	return store, nil
}

// unlimited is the limit of slow hashes, of which none is run here.
type unlimited struct{}

// Allow implements verifier.Limiter.
func (unlimited) Allow(string) bool { return true }

func newVerifier() (*verifier.Verifier, error) {
	key, err := verifier.NewKey("k1", strings.Repeat("0123456789abcdef", 4))
	if err != nil {
		return nil, fmt.Errorf("make a server key: %w", err)
	}
	v, err := verifier.New(verifier.Settings{Keys: []verifier.Key{key}, ByAddress: unlimited{}, ByAccount: unlimited{}}, time.Now)
	if err != nil {
		return nil, fmt.Errorf("make a verifier: %w", err)
	}
	return v, nil
}

// carrying is a request with one header.
func carrying(name, value string) *authz.Attributes {
	return &authz.Attributes{Request: &authz.Request{Headers: authz.Headers{List: []authz.Header{{Name: name, Value: value}}}}}
}

func authenticated(ctx context.Context, a authz.Authenticator, attributes *authz.Attributes) error {
	credential, err := a.Extract(attributes)
	if err == nil {
		_, _, err = a.Authenticate(ctx, credential)
	}
	return err //nolint:wrapcheck // whoever asks says of what
}

// refuses makes sure that the credential is refused, and not for another reason.
func refuses(a authz.Authenticator, name, value string) func(context.Context) error {
	attributes := carrying(name, value)
	return func(ctx context.Context) error {
		if err := authenticated(ctx, a, attributes); !errors.Is(err, authz.ErrRejected) && !errors.Is(err, authz.ErrMalformed) {
			return fmt.Errorf("a bad credential is not refused: %w", err)
		}
		return nil
	}
}
