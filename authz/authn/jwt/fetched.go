package jwt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Fetched are an issuer's published keys: fetched ahead of time, by one request at
// once, and kept while the issuer cannot be reached. It runs until Close.
type Fetched struct {
	settings FetchSettings
	ctx      context.Context //nolint:containedctx // it ends with Close, and no request's does
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu     sync.Mutex
	set    *Set
	loaded time.Time
	// begun is when the last fetch began, flight what waits for one under way.
	begun  time.Time
	flight chan struct{}
	stats  Stats
	// waiting counts the requests that wait for newer keys.
	waiting atomic.Int64
}

// mostWaiting bounds them: an issuer that hangs, and somebody who makes up kids,
// must not hold every place in which Checks are decided.
const mostWaiting = 128

var _ Source = (*Fetched)(nil)

// errNoKeys: nothing was fetched yet, or what was is too old to be trusted.
var errNoKeys = errors.New("no keys that are young enough")

// errCrowded: newer keys may be on their way, and enough wait for them.
var errCrowded = errors.New("too many wait for newer keys")

// NewFetched begins to fetch. Nobody waits for the first answer but Ready.
func NewFetched(settings FetchSettings) (*Fetched, error) {
	if settings.Fetcher == nil || settings.Now == nil || settings.Changes == nil {
		return nil, errors.New("fetcher, clock and changes are required")
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	f := &Fetched{settings: settings}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	if last := settings.Last; last != nil && last.Name() == f.Name() {
		last.mu.Lock()
		f.set, f.loaded = last.set, last.loaded
		last.mu.Unlock()
	}
	f.settings.Last = nil
	f.fetch()
	f.running.Go(f.keepUp)
	return f, nil
}

// Close ends all fetching and waits for it. What was fetched stays in use to its
// age.
func (f *Fetched) Close() {
	// Under the lock, so that no fetch begins behind the wait's back.
	f.mu.Lock()
	f.cancel()
	f.mu.Unlock()
	f.running.Wait()
}

// Ready waits until there are keys, the first fetch is over, however it ended, or
// the context.
func (f *Fetched) Ready(ctx context.Context) {
	f.mu.Lock()
	flight := f.flight
	if f.set != nil {
		flight = nil
	}
	f.mu.Unlock()
	wait(ctx, flight)
}

func wait(ctx context.Context, flight chan struct{}) {
	if flight == nil {
		return
	}
	select {
	case <-flight:
	case <-ctx.Done():
	}
}

// Name tells sources apart where a changed key is announced.
func (f *Fetched) Name() string { return f.settings.Name() }

// Keys implements Source. A key that the set does not have is fetched for, or a
// fetch under way waited for, unless the last one began within MinInterval: then
// what is in use is all there is, until one may begin again.
func (f *Fetched) Keys(ctx context.Context, id, algorithm string) (*Set, authz.Basis, error) {
	set, basis, err := f.inUse(id)
	if err != nil {
		return nil, authz.Basis{}, err
	}
	if _, found := set.find(id, algorithm); found {
		return set, basis, nil
	}
	if err := f.newer(ctx); err != nil {
		return nil, authz.Basis{}, err
	}
	set, basis, err = f.inUse(id)
	if err != nil {
		return nil, authz.Basis{}, err
	}
	if _, found := set.find(id, algorithm); !found {
		basis.Until = earlier(basis.Until, f.mayFetch())
	}
	return set, basis, nil
}

// newer waits for a fetch, if one is under way or may begin.
func (f *Fetched) newer(ctx context.Context) error {
	defer f.waiting.Add(-1)
	if f.waiting.Add(1) > mostWaiting {
		return errCrowded
	}
	wait(ctx, f.fetch())
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("wait for newer keys: %w", err)
	}
	return nil
}

// inUse is the last good set while it is young enough.
func (f *Fetched) inUse(id string) (*Set, authz.Basis, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	until := f.loaded.Add(f.settings.MaxAge)
	if f.set == nil || !f.settings.Now().Before(until) {
		return nil, authz.Basis{}, errNoKeys
	}
	return f.set, authz.Basis{Lasting: true, Until: until, Stripes: []authz.Stripe{stripe(f.Name(), id)}}, nil
}

// mayFetch is from when on a fetch may begin.
func (f *Fetched) mayFetch() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begun.Add(f.settings.MinInterval)
}

// Stats tells how fetching goes.
func (f *Fetched) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.Loaded = f.loaded
	if f.set != nil {
		s.Keys = f.set.Len()
	}
	return s
}

// fetch gives the flight under way, begins one, or gives nil where it is too soon.
func (f *Fetched) fetch() chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.settings.Now()
	switch {
	case f.flight != nil:
		return f.flight
	case f.ctx.Err() != nil, !f.begun.IsZero() && now.Sub(f.begun) < f.settings.MinInterval:
		return nil
	}
	f.begun, f.flight = now, make(chan struct{})
	f.stats.Fetches++
	flight := f.flight
	f.running.Go(func() {
		set, err := f.get()
		f.take(set, err, flight)
	})
	return flight
}

// get is one fetch. A panic in it is a failure like any other.
func (f *Fetched) get() (set *Set, err error) {
	defer func() {
		if r := recover(); r != nil {
			set, err = nil, errors.New("panic while fetching keys")
		}
	}()
	url := f.settings.URL
	if f.settings.Discovery {
		if url, err = discover(f.ctx, f.settings.Fetcher, f.settings.Issuer); err != nil {
			return nil, err
		}
	}
	text, err := f.settings.Fetcher.Get(f.ctx, url)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	return ParseSet(text, false)
}

// take installs a set, or keeps the last good one. Who waits is told after the
// change has been announced: nobody is handed a verdict under a key that is gone.
func (f *Fetched) take(set *Set, err error, flight chan struct{}) {
	var changed []authz.Stripe
	f.mu.Lock()
	if err == nil {
		changed = f.install(set)
		f.stats.Problem = ""
	} else {
		f.stats.Failures++
		f.stats.Problem = err.Error()
	}
	f.mu.Unlock()
	if len(changed) > 0 {
		f.settings.Changes.Apply(changed...)
	}
	f.log(set, err)
	f.mu.Lock()
	f.flight = nil
	f.mu.Unlock()
	close(flight)
}

// log is called within the flight, so that lines stand in the order of fetches.
func (f *Fetched) log(set *Set, err error) {
	if f.settings.Log == nil || f.ctx.Err() != nil {
		return
	}
	installed := 0
	if set != nil {
		installed = set.Len()
	}
	f.settings.Log(installed, err)
}

func (f *Fetched) install(set *Set) []authz.Stripe {
	before := f.set
	if before == nil {
		before = &Set{}
	}
	f.set, f.loaded = set, f.begun
	ids := before.changed(set)
	if len(ids) == 0 {
		return nil
	}
	changed := []authz.Stripe{stripe(f.Name(), "")}
	for _, id := range ids {
		changed = append(changed, stripe(f.Name(), id))
	}
	return changed
}

// keepUp fetches ahead of time. After a failure it tries again as soon as it may.
func (f *Fetched) keepUp() {
	f.Ready(f.ctx) // or it would be taken for a failure
	for {
		timer := time.NewTimer(f.pause())
		select {
		case <-timer.C:
			wait(f.ctx, f.fetch())
		case <-f.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// pause is until the next fetch is due, and no longer than it ever is: a clock
// that is set back must not end this.
func (f *Fetched) pause() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	every := f.settings.Refresh
	if f.stats.Problem != "" {
		every = f.settings.MinInterval
	}
	return min(f.begun.Add(every).Sub(f.settings.Now()), every)
}
