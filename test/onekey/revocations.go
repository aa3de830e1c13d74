package onekey

import (
	"context"
	"fmt"
	"sync"

	"github.com/sallyport-authz/sallyport/authz"
)

// Revocations withdraw keys of a World, and give them back, while requests flow.
// Each change is announced to Changes before Turn returns.
type Revocations struct {
	Changes *authz.Changes

	mu        sync.Mutex
	withdrawn map[string]bool
}

// Turn withdraws a key, or gives it back.
func (r *Revocations) Turn(key string) {
	r.mu.Lock()
	if r.withdrawn == nil {
		r.withdrawn = map[string]bool{}
	}
	r.withdrawn[key] = !r.withdrawn[key]
	r.mu.Unlock()
	r.Changes.Apply(stripeOf(key))
}

func stripeOf(key string) authz.Stripe { return authz.StripeOf("harness_key", key) }

func (r *Revocations) isWithdrawn(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.withdrawn[key]
}

// revocable asks Revocations before it believes a key.
type revocable struct {
	authz.Authenticator
	from *Revocations
}

// Authenticate implements authz.Authenticator.
func (r revocable) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	caller, basis, err := r.Authenticator.Authenticate(ctx, credential)
	key := credential.Value.Reveal()
	basis.Stripes = append(basis.Stripes, stripeOf(key))
	if err == nil && r.from.isWithdrawn(key) {
		return authz.Caller{}, basis, fmt.Errorf("%w: withdrawn", authz.ErrRejected)
	}
	return caller, basis, err
}
