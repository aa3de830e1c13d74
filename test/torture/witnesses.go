package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// witnesses are tokens minted and revoked until a kill. A ledger would need the whole
// store read; they know of what they did alone.
type witnesses struct {
	program *storeProgram
	// of is a token that was there before, and is revoked first.
	of authz.TokenRef

	mu          sync.Mutex
	live, ended []string
	dying       atomic.Bool
}

const witnessReason = "witnessed"

// watch changes the store from some sides, and kills the server meanwhile.
func (w *witnesses) watch(ctx context.Context, lasting time.Duration) error {
	if _, err := w.revokeFirst(ctx); err != nil {
		return err
	}
	var errs [writers]error
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			for errs[i] == nil {
				errs[i] = w.pair(ctx)
			}
			if w.dying.Load() && !certain(errs[i]) {
				errs[i] = nil
			}
		})
	}
	time.Sleep(lasting)
	w.dying.Store(true)
	err := w.program.kill()
	group.Wait()
	return errors.Join(err, errors.Join(errs[:]...))
}

func (w *witnesses) revokeFirst(ctx context.Context) (seq uint64, err error) {
	answer, err := w.program.admin.RevokeToken(ctx, &adminv1.RevokeTokenRequest{
		Ref: &adminv1.TokenRef{Prefix: w.of.Prefix, Lookup: w.of.Lookup}, Reason: witnessReason,
	})
	if err != nil || answer.GetToken().GetReason() != witnessReason {
		return 0, fmt.Errorf("revoke %v: %v, %w", w.of, answer, err)
	}
	return answer.GetSeq(), nil
}

// pair mints a token that stays, and one that is revoked.
func (w *witnesses) pair(ctx context.Context) error {
	for _, stays := range []bool{true, false} {
		grant := &adminv1.Grant{Subject: deedGrant().Subject, Scopes: deedGrant().Scopes}
		made, err := w.program.admin.MintToken(ctx, &adminv1.MintTokenRequest{Prefix: deedPrefix, Name: "witness", Grant: grant})
		if err != nil {
			return fmt.Errorf("mint: %w", err)
		}
		if stays {
			w.know(&w.live, made.GetSecret())
			continue
		}
		if _, err := w.program.admin.RevokeToken(ctx, &adminv1.RevokeTokenRequest{Ref: made.GetToken().GetRef(), Reason: witnessReason}); err != nil {
			return fmt.Errorf("revoke: %w", err)
		}
		w.know(&w.ended, made.GetSecret())
	}
	return nil
}

func (w *witnesses) know(list *[]string, secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*list = append(*list, secret)
}

// told is how many changes were acknowledged at least.
func (w *witnesses) told() int { return 1 + len(w.live) + 2*len(w.ended) }

// testify holds a server against what was acknowledged.
func (w *witnesses) testify(ctx context.Context) error {
	for i, secret := range slices.Concat(w.live, w.ended) {
		want := i < len(w.live)
		if got, err := w.program.allows(ctx, "Bearer "+secret); err != nil || got != want {
			return fmt.Errorf("a Check is allowed: %t, want %t: %w", got, want, err)
		}
	}
	if seq, err := w.revokeFirst(ctx); err != nil || seq != 0 {
		return fmt.Errorf("a revocation was undone: it is change %d now: %w", seq, err)
	}
	return nil
}
