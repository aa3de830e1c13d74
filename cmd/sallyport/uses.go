package main

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz/uses"
)

// kindToken is the kind whose token ids are the store's.
const kindToken = "token"

// noteUses notes when tokens were last used, where there is a store. end hands over
// what was noted, after the last Check, and closes the store.
func (s *service) noteUses(ctx context.Context) (end func(), err error) {
	if !s.plan.store.configured() {
		return func() {}, nil
	}
	if s.uses, err = uses.New(uses.Settings{Store: s.vault, Kinds: []string{kindToken}, Now: s.now}); err != nil {
		return nil, fmt.Errorf("note uses: %w", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.uses.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
		if err := s.vault.close(); err != nil {
			s.log.Error("close the store", "cause", err)
		}
	}, nil
}
