package main

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// keyring holds the fetched keys of all snapshots of a process, so that a reload
// keeps those of an issuer that it does not change.
type keyring struct {
	changes *authz.Changes
	now     func() time.Time
	log     *slog.Logger

	mu sync.Mutex
	// fetcher is that of the first configuration: outbound cannot change.
	fetcher guarded
	held    map[string]*heldKeys
}

// guarded is what all outgoing HTTP goes through. Close lets go of idle connections.
type guarded interface {
	outgoing
	Close()
}

// outgoing fetches documents, and asks.
type outgoing interface {
	urlChecker
	outbound.Asker
}

// urlChecker fetches from the URLs that it passes, as far as that can be told of
// their text.
type urlChecker interface {
	jwt.Fetcher
	CheckURL(url string) error
}

// through gives what fetches for as long as the process runs: the first that it
// is given.
func (k *keyring) through(fetcher guarded) guarded {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fetcher == nil {
		k.fetcher = fetcher
	}
	return k.fetcher
}

// heldKeys are keys and how many plans use them.
type heldKeys struct {
	keys  *jwt.Fetched
	plans int
}

// hold gives the keys for these settings, and what gives them back.
func (k *keyring) hold(settings jwt.FetchSettings) (*jwt.Fetched, func(), error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := fmt.Sprintf("%q %q %t %s %s %s", settings.Issuer, settings.URL, settings.Discovery, settings.Refresh, settings.MinInterval, settings.MaxAge)
	held := k.held[name]
	if held == nil {
		settings.Last = k.last(settings)
		keys, err := jwt.NewFetched(k.complete(settings))
		if err != nil {
			return nil, nil, fmt.Errorf("fetch keys: %w", err)
		}
		held = &heldKeys{keys: keys}
		if k.held == nil {
			k.held = map[string]*heldKeys{}
		}
		k.held[name] = held
	}
	held.plans++
	return held.keys, sync.OnceFunc(func() { k.giveBack(name) }), nil
}

// last finds keys from the same place whose intervals were others.
func (k *keyring) last(settings jwt.FetchSettings) *jwt.Fetched {
	for _, held := range k.held {
		if held.keys.Name() == settings.Name() {
			return held.keys
		}
	}
	return nil
}

func (k *keyring) complete(settings jwt.FetchSettings) jwt.FetchSettings {
	settings.Fetcher, settings.Changes, settings.Now = k.fetcher, k.changes, k.now
	settings.Log = func(installed int, err error) {
		if err != nil {
			k.log.Warn("keys were not fetched: the last good ones stay in use", "issuer", settings.Issuer, "cause", err)
			return
		}
		k.log.Debug("keys fetched", "issuer", settings.Issuer, "keys", installed)
	}
	return settings
}

// giveBack ends the fetching of keys that no plan uses any more.
func (k *keyring) giveBack(name string) {
	k.mu.Lock()
	held := k.held[name]
	if held == nil { // closed
		k.mu.Unlock()
		return
	}
	if held.plans--; held.plans > 0 {
		k.mu.Unlock()
		return
	}
	delete(k.held, name)
	k.mu.Unlock()
	held.keys.Close()
}

// close ends all fetching. Nothing is held afterwards.
func (k *keyring) close() {
	k.mu.Lock()
	held := k.held
	k.held = nil
	k.mu.Unlock()
	for _, one := range held {
		one.keys.Close()
	}
	if k.fetcher != nil {
		k.fetcher.Close()
	}
}
