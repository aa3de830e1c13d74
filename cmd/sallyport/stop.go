package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// errHurried: a second signal came. Nobody waited for anything, so that what was
// lost is not known.
var errHurried = errors.New("second signal: ended at once")

// signals gives a context that ends at the first SIGINT or SIGTERM and a channel
// that is closed at the second. A third one kills the process as if nobody
// listened. quit gives the signals back.
func signals(parent context.Context) (ctx context.Context, hurry <-chan struct{}, quit func()) {
	ctx, cancel := context.WithCancel(parent)
	asked, twice := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	over := make(chan struct{})
	go func() {
		defer signal.Stop(asked)
		for _, act := range []func(){cancel, func() { close(twice) }} {
			select {
			case <-asked:
				act()
			case <-over:
				return
			}
		}
	}()
	return ctx, twice, func() { cancel(); close(over) }
}

// stop ends the service in order: health says NOT_SERVING at once, Checks are
// answered for as long as proxies may take to notice, and only then are
// connections asked to end and the last Checks waited for. Whatever could not be
// waited for is an error.
func (s *service) stop(ctx context.Context) error {
	s.draining.Store(true)
	for _, server := range s.servers {
		server.SetServing(false)
	}
	s.log.Info("stopping", "drain", s.plan.lifetime.drain.String())
	s.drain()
	ctx, cancel := context.WithTimeout(ctx, s.plan.lifetime.stop)
	defer cancel()
	err := s.shutdown(hurried(ctx, s.hurry))
	select {
	case <-s.hurry:
		return errHurried
	default:
	}
	if err != nil {
		return err
	}
	s.log.Info("stopped")
	return nil
}

// drain waits, unless somebody is in a hurry.
func (s *service) drain() {
	timer := time.NewTimer(s.plan.lifetime.drain)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.hurry:
	}
}

// hurried ends early when somebody is in a hurry. It ends with ctx at the latest.
func hurried(ctx context.Context, hurry <-chan struct{}) context.Context {
	ctx, cut := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-hurry:
			cut(errHurried)
		case <-ctx.Done():
			cut(nil)
		}
	}()
	return ctx
}

// shutdown ends all listeners side by side.
func (s *service) shutdown(ctx context.Context) error {
	errs := make([]error, len(s.servers))
	var group sync.WaitGroup
	for i, server := range s.servers {
		group.Go(func() { errs[i] = server.Shutdown(ctx) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("stopped with Checks under way: %w", err)
	}
	return nil
}
