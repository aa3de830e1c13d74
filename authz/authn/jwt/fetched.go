package jwt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Fetcher gets a document over HTTP. It bounds time and bytes, and gives what a
// 200 carries or an error.
type Fetcher interface {
	Get(ctx context.Context, url string) ([]byte, error)
}

// FetchSettings say where keys are and how often they are fetched. All but Log
// are required.
type FetchSettings struct {
	// Issuer is whose keys they are; exactly one of URL and Discovery says where.
	Issuer    string
	URL       string
	Discovery bool
	Fetcher   Fetcher
	// Refresh is how often keys are fetched, MinInterval the least time between
	// two fetches, whatever is asked for, MaxAge how long the last good ones stay
	// in use.
	Refresh, MinInterval, MaxAge time.Duration
	Now                          func() time.Time
	// Changes is told of the keys that came, went or changed.
	Changes *authz.Changes
	// Log is told of each fetch; nil is silent.
	Log func(installed int, err error)
}

// Stats are what operators see of fetched keys.
type Stats struct {
	Keys int
	// Loaded is when the set in use was last confirmed; the zero time is never.
	Loaded            time.Time
	Fetches, Failures uint64
	// Problem is why the last fetch failed, or "".
	Problem string
}

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
}

var _ Source = (*Fetched)(nil)

// errNoKeys: nothing was fetched yet, or what was is too old to be trusted.
var errNoKeys = errors.New("no keys that are young enough")

// NewFetched begins to fetch. Nobody waits for the first answer but Ready.
func NewFetched(settings FetchSettings) (*Fetched, error) {
	switch {
	case settings.Fetcher == nil || settings.Now == nil || settings.Changes == nil:
		return nil, errors.New("fetcher, clock and changes are required")
	case settings.Issuer == "" || (settings.URL == "") != settings.Discovery:
		return nil, errors.New("an issuer, and either a URL or discovery, are required")
	case settings.MinInterval <= 0 || settings.Refresh < settings.MinInterval || settings.MaxAge < settings.Refresh:
		return nil, fmt.Errorf("intervals %s, %s, %s: each must be at least the one before and above zero", settings.MinInterval, settings.Refresh, settings.MaxAge)
	}
	f := &Fetched{settings: settings}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	f.fetch()
	f.running.Go(f.keepUp)
	return f, nil
}

// Close ends all fetching and waits for it.
func (f *Fetched) Close() {
	f.cancel()
	f.running.Wait()
}

// Ready waits until the first fetch is over, however it ended, or the context.
func (f *Fetched) Ready(ctx context.Context) {
	f.mu.Lock()
	flight := f.flight
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

// Name implements Source.
func (f *Fetched) Name() string { return f.settings.Issuer + " " + f.settings.URL }

// Set implements Source.
func (f *Fetched) Set() (*Set, time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	until := f.loaded.Add(f.settings.MaxAge)
	if f.set == nil || !f.settings.Now().Before(until) {
		return nil, time.Time{}, errNoKeys
	}
	return f.set, until, nil
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

// Refresh implements Source. It waits for a fetch under way, or begins one unless
// the last one began within MinInterval: then what is in use is all there is.
func (f *Fetched) Refresh(ctx context.Context) { wait(ctx, f.fetch()) }

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
	f.mu.Lock()
	f.flight = nil
	f.mu.Unlock()
	close(flight)
	if f.settings.Log != nil && f.ctx.Err() == nil {
		installed := 0
		if set != nil {
			installed = set.Len()
		}
		f.settings.Log(installed, err)
	}
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
	for {
		pause := f.settings.Refresh
		if f.Stats().Problem != "" || f.Stats().Loaded.IsZero() {
			pause = f.settings.MinInterval
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
			wait(f.ctx, f.fetch())
		case <-f.ctx.Done():
			timer.Stop()
			return
		}
	}
}
