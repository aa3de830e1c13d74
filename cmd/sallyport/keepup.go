package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// restTime is what a look under way has when the process ends.
const restTime = time.Second

// keepUp takes over what changes from now on. rest ends that; it does not wait
// for a file system that does not answer.
func (s *service) keepUp(ctx context.Context, authorizer *authz.Authorizer) (rest func()) {
	s.reload.take = func(p *plan) error { return s.take(authorizer, p) }
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.reload.run(ctx)
	}()
	return func() {
		cancel()
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), restTime)
		defer cancel()
		select {
		case <-done:
		case <-bounded.Done():
			s.log.Warn("files are still being read")
		}
	}
}

// take puts a plan in force: what records mask and show from now on, who may ask from the next handshake on, and every
// decision that begins from now on. A listener that the plan has no longer, or
// has without tls, keeps what it had.
func (s *service) take(authorizer *authz.Authorizer, p *plan) error {
	taken := make([]bool, len(p.listeners))
	for i, l := range s.plan.listeners {
		newest := p.newestTLS(l.address, taken)
		if l.tls == nil || newest == nil {
			continue
		}
		if err := s.servers[i].SetTLS(newest); err != nil {
			return fmt.Errorf("take over tls of %s: %w", l.address, err)
		}
	}
	if s.records != nil {
		s.records.Apply(p.log.view) // first: a carrier is masked before anybody is asked for it
	}
	s.vault.know(p.store.forms)
	authorizer.Swap(p.snapshot)
	s.keys.Swap(p.held).release()
	return nil
}

// newestTLS is what the next listener with an address has, if there is one.
// Only addresses with port 0 can be there twice.
func (p *plan) newestTLS(address string, taken []bool) *envoy.TLS {
	for i, l := range p.listeners {
		if l.address == address && !taken[i] {
			taken[i] = true
			return l.tls
		}
	}
	return nil
}
