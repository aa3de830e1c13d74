package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// controlTime is what calls under way have when the control socket ends.
const controlTime = 2 * time.Second

// gate is whose control socket it is: its name in the audit, and what notes uses.
type gate struct {
	origin string
	noted  flusher
}

// control serves administration on the control socket of an open store. What it gives
// ends that, and waits for calls under way; broken is told of a socket that broke.
func (o *opened) control(from gate, folder string, log *slog.Logger, broken func(error)) (end func(context.Context) error, err error) {
	upToDate := fresh{o.store, from.noted, log}
	server, err := admin.NewServer(admin.Settings{
		Applier: o.applier, Lister: upToDate, Tokens: upToDate, Principals: o.store, Auditor: o.store, Keys: keyTeller{o.store},
		Minter: minter{o.verifier, o.slow}, Hasher: o.verifier, Importer: importer{o.forms.Load}, Owner: admin.CurrentUser(), Origin: from.origin, Logger: log,
	})
	if err != nil {
		return nil, fmt.Errorf("make the control socket's server: %w", err)
	}
	socket, err := admin.Listen(folder)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	go func() {
		if err := server.Serve(socket); err != nil {
			broken(fmt.Errorf("serve on the control socket: %w", err))
		}
	}()
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, controlTime)
		defer cancel()
		return server.Shutdown(ctx)
	}, nil
}

// minter makes tokens of our own forms under the first server key, or by a slow hash.
type minter struct {
	verifier *verifier.Verifier
	slow     []string
}

// Mint implements admin.Minter.
func (m minter) Mint(ctx context.Context, prefix string) (authz.Secret, authz.TokenRef, string, error) {
	if err := tokenform.CheckPrefix(prefix); err != nil {
		return authz.Secret{}, authz.TokenRef{}, "", errors.Join(authz.ErrInvalid, err)
	}
	secret, ref, err := tokenform.Mint(prefix)
	if err != nil {
		return authz.Secret{}, authz.TokenRef{}, "", fmt.Errorf("mint: %w", err)
	}
	if !slices.Contains(m.slow, prefix) {
		return secret, ref, m.verifier.Seal(secret), nil
	}
	kept, err := m.verifier.Password(ctx, secret)
	if err != nil {
		return authz.Secret{}, authz.TokenRef{}, "", fmt.Errorf("mint: %w", err)
	}
	return secret, ref, kept, nil
}

// Makes implements admin.Minter.
func (minter) Makes(ref authz.TokenRef) bool { return tokenform.CheckID(ref.Prefix, ref.Lookup) == nil }

// Renew implements renewal.Maker. What is kept fast of a token whose prefix promises
// PBKDF2 was taken over from another system: the promise is kept at its next use.
func (m minter) Renew(ctx context.Context, attempt authz.Attempt) (string, error) {
	text, err := m.verifier.Renew(ctx, attempt)
	promised := func(prefix string) bool { return strings.HasPrefix(attempt.Secret.Reveal(), prefix) }
	if err != nil || attempt.Holder.Token == "" || m.verifier.Slow(text) || !slices.ContainsFunc(m.slow, promised) {
		return text, err //nolint:wrapcheck // a delegate's error is the verifier's
	}
	return m.verifier.Password(ctx, attempt.Secret) //nolint:wrapcheck // as above
}

// openStore opens the store and its control socket, which end with what it gives; that
// can always be called. Where ctx ends while another process owns the store, there is
// nothing to serve.
func (s *service) openStore(ctx context.Context, ended chan<- error) (end func(), err error) {
	nothing := func() {}
	if !s.plan.store.configured() {
		return nothing, nil
	}
	if err := s.vault.open(ctx, s.plan.store, s.now, s.log); err != nil {
		if ctx.Err() != nil {
			return nothing, nil //nolint:nilerr // it was told to stop while it waited
		}
		return nothing, err
	}
	o := s.vault.opened.Load()
	shut, err := o.control(gate{origin: "cli", noted: s.uses}, s.plan.store.folder, s.log, func(err error) { ended <- err }) //nolint:contextcheck // a Unix socket waits for nobody
	if err != nil {
		return nothing, err
	}
	endRenewals := o.renew(ctx)
	return func() {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		if err := shut(hurried(ctx, s.hurry)); err != nil {
			s.log.Warn("the control socket was closed with calls under way", "error", err)
		}
		endRenewals()
	}, nil
}
