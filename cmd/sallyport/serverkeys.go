package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// keyBook is what a store knows of server keys, and in whose name that changes.
type keyBook struct {
	store *sqlite.Store
	by    authz.Act
	log   *slog.Logger
}

// agree refuses server keys that are not those of the store, and records new ones. A
// key that was taken out of the configuration is forgotten where nothing is under it
// that could still be used, and is missing otherwise.
func (b keyBook) agree(ctx context.Context, keys []verifier.Key) error {
	recorded, err := recordedKeys(ctx, b.store)
	if err != nil {
		return err
	}
	found, err := verifier.CheckKeys(keys, recorded)
	if err != nil {
		return fmt.Errorf("server keys: %w: tokens were made under another key by that id: give the right one in store.keys, or give this one an id of its own", err)
	}
	if err := b.retire(ctx, found.Missing); err != nil {
		return err
	}
	for _, key := range found.Fresh {
		if _, err := b.store.Apply(ctx, b.by, authz.PutServerKey{ServerKey: key}); err != nil {
			return fmt.Errorf("record server key %q: %w", key.ID, err)
		}
	}
	return nil
}

// retire forgets keys that nothing needs any more, or none of them.
func (b keyBook) retire(ctx context.Context, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	uses, err := keyUses(ctx, b.store)
	if err != nil {
		return err
	}
	for _, id := range missing {
		if uses[id] > 0 {
			return fmt.Errorf("server keys: %w: %q, and %d tokens are still under it: put it back into store.keys, behind the first. "+
				"They come under the first key when they are used; `sallyport store keys` tells how many have not, and rotate or revoke ends those", verifier.ErrMissingKey, id, uses[id])
		}
	}
	for _, id := range missing {
		if _, err := b.store.Apply(ctx, b.by, authz.RemoveServerKey{ID: id}); err != nil {
			return fmt.Errorf("forget server key %q: %w", id, err)
		}
		b.log.Info("server key forgotten: nothing is under it any more", "key", id)
	}
	return nil
}

func recordedKeys(ctx context.Context, store authz.Lister) ([]authz.ServerKey, error) {
	recorded, err := store.List(ctx, authz.Query{Of: authz.ServerKeys, Most: authz.MostRows})
	if err != nil {
		return nil, fmt.Errorf("list server keys: %w", err)
	}
	return recorded.ServerKeys, nil
}

// keyUses counts what may still be used under each key.
func keyUses(ctx context.Context, store authz.VerifierStore) (map[string]int, error) {
	uses := map[string]int{}
	err := store.Verifiers(ctx, func(text string) error {
		if id := verifier.KeyOf(text); id != "" {
			uses[id]++
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count what is under server keys: %w", err)
	}
	return uses, nil
}

// keyTeller tells administrators of the server keys.
type keyTeller struct{ store *sqlite.Store }

// ServerKeys implements admin.KeyTeller.
func (k keyTeller) ServerKeys(ctx context.Context) ([]admin.KeyUse, error) {
	recorded, err := recordedKeys(ctx, k.store)
	if err != nil {
		return nil, err
	}
	uses, err := keyUses(ctx, k.store)
	if err != nil {
		return nil, err
	}
	all := make([]admin.KeyUse, len(recorded))
	for i, key := range recorded {
		all[i] = admin.KeyUse{ID: key.ID, Tokens: uint64(uses[key.ID])}
	}
	return all, nil
}
