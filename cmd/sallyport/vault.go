package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/limit"
	"github.com/sallyport-authz/sallyport/authz/renewal"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// errNotOpen is "could not tell": authenticators are made before the store is open,
// and validate opens none.
var errNotOpen = errors.New("the store is not open")

// vault is the store of a process, with what proves its secrets. What asks it before
// open, or where no store is configured, is told that nobody can tell.
type vault struct {
	changes *authz.Changes
	// by is in whose name server keys are recorded and forgotten.
	by     authz.Act
	opened atomic.Pointer[opened]
}

var (
	_ authz.TokenStore     = (*vault)(nil)
	_ authz.PrincipalStore = (*vault)(nil)
	_ authz.TenantStore    = (*vault)(nil)
)

type opened struct {
	store    *sqlite.Store
	verifier *verifier.Verifier
	// applier makes every change, so that each acts before it is answered.
	applier *admin.Applier
	renewer *renewal.Renewer
	// slow are the prefixes of tokens that are kept as passwords are.
	slow []string
	// forms are those of the plan in force.
	forms atomic.Pointer[storedForms]
}

// Token implements authz.TokenStore.
func (v *vault) Token(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
	o := v.opened.Load()
	if o == nil {
		return authz.Token{}, errNotOpen
	}
	return o.store.Token(ctx, ref) //nolint:wrapcheck // a delegate's error is the store's
}

// Principal implements authz.PrincipalStore.
func (v *vault) Principal(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
	o := v.opened.Load()
	if o == nil {
		return authz.Principal{}, errNotOpen
	}
	return o.store.Principal(ctx, kind, name) //nolint:wrapcheck // as in Token
}

// Member gives a membership; it and Domain are authz.TenantStore's.
func (v *vault) Member(ctx context.Context, organization, subject string) (authz.Membership, error) {
	o := v.opened.Load()
	if o == nil {
		return authz.Membership{}, errNotOpen
	}
	return o.store.Member(ctx, organization, subject) //nolint:wrapcheck // as in Token
}

// Domain is described at Member.
func (v *vault) Domain(ctx context.Context, name string) (authz.Domain, error) {
	o := v.opened.Load()
	if o == nil {
		return authz.Domain{}, errNotOpen
	}
	return o.store.Domain(ctx, name) //nolint:wrapcheck // as in Token
}

// Verify proves a secret. One that was proven by what is outdated is offered to whoever
// makes that anew, behind the request.
func (v *vault) Verify(ctx context.Context, attempt authz.Attempt) (authz.Proof, error) {
	o := v.opened.Load()
	if o == nil {
		return authz.Proof{}, errNotOpen
	}
	proof, err := o.verifier.Verify(ctx, attempt)
	if err == nil && proof.OK && proof.Outdated {
		o.renewer.Offer(attempt)
	}
	return proof, err //nolint:wrapcheck // as in Token
}

// open opens the store, waiting for a process that owns it, and holds the server keys
// against those that it knows.
func (v *vault) open(ctx context.Context, p storePlan, now func() time.Time, log *slog.Logger) (err error) {
	made, err := newVerifier(p.keys, now)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, sqlite.Settings{
		Path: p.database(), Now: now,
		Waiting: func() {
			log.Warn("another process owns the store: waiting for it to end", "store", p.database())
		},
	})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	if err := (keyBook{store, v.by, log}).agree(ctx, p.keys); err != nil {
		return errors.Join(err, store.Close())
	}
	o := &opened{store: store, verifier: made, applier: admin.NewApplier(store, v.changes), slow: p.slow}
	if o.renewer, err = o.newRenewer(log); err != nil {
		return errors.Join(err, store.Close())
	}
	o.forms.Store(&p.forms)
	v.opened.Store(o)
	log.Info("store open", "store", p.database())
	return nil
}

// know takes over how a new plan looks up what is in the store.
func (v *vault) know(forms storedForms) {
	if o := v.opened.Load(); o != nil {
		o.forms.Store(&forms)
	}
}

// Used implements authz.UseStore.
func (v *vault) Used(ctx context.Context, last map[string]time.Time) error {
	o := v.opened.Load()
	if o == nil {
		return errNotOpen
	}
	return o.store.Used(ctx, last) //nolint:wrapcheck // as in Token
}

// faulted is closed when the store can be read in parts only. Where it is not open,
// nobody waits for that.
func (v *vault) faulted() <-chan struct{} {
	o := v.opened.Load()
	if o == nil {
		return nil
	}
	return o.store.Faulted()
}

func (v *vault) close() error {
	o := v.opened.Swap(nil)
	if o == nil {
		return nil
	}
	return o.store.Close() //nolint:wrapcheck // it says which store
}

// What slow hashes may be asked for: by one address twenty at once and then one a
// second, for one account thirty and then two. The account's are more, so that one
// address alone locks nobody out.
func newVerifier(keys []verifier.Key, now func() time.Time) (*verifier.Verifier, error) {
	byAddress, err := limit.New(limit.Settings{PerSecond: 1, Burst: 20, Keys: 16_384}, now)
	if err != nil {
		return nil, fmt.Errorf("limit by address: %w", err)
	}
	byAccount, err := limit.New(limit.Settings{PerSecond: 2, Burst: 30, Keys: 16_384}, now)
	if err != nil {
		return nil, fmt.Errorf("limit by account: %w", err)
	}
	made, err := verifier.New(verifier.Settings{Keys: keys, ByAddress: byAddress, ByAccount: byAccount}, now)
	if err != nil {
		return nil, fmt.Errorf("make the verifier: %w", err)
	}
	return made, nil
}
