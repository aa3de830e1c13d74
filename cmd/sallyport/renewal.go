package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/renewal"
)

// itself is who the audit names where nobody asked for a change.
func itself() authz.Act { return authz.Act{Actor: "sallyport", Origin: "serve"} }

func (o *opened) newRenewer(log *slog.Logger) (*renewal.Renewer, error) {
	made, err := renewal.New(renewal.Settings{
		Maker: minter{o.verifier, o.slow}, Applier: o.applier, Act: itself(),
		Failed: func(holder authz.Holder, err error) {
			log.Warn("a verifier stays outdated: it is tried again at the next use", "token", holder.Token, "kind", holder.Kind, "name", holder.Name, "cause", err)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("renew verifiers: %w", err)
	}
	return made, nil
}

// renew makes outdated verifiers anew until it is ended.
func (o *opened) renew(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.renewer.Run(ctx)
	}()
	return func() { cancel(); <-done }
}
