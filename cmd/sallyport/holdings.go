package main

import (
	"context"
	"time"

	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
	"github.com/sallyport-authz/sallyport/authz/ops"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// firstKeys is how long a compilation waits for the first keys of a new issuer.
// An issuer that does not answer holds nothing up: its tokens are 503 until it does.
const firstKeys = time.Second

// holdings are what one plan holds of the keyring. The zero holdings are nothing.
type holdings struct {
	all []holding
}

// holding is one authenticator's keys.
type holding struct {
	name    string
	keys    *jwt.Fetched
	release func()
}

// release gives everything back. It may be called twice, and on nil.
func (h *holdings) release() {
	if h == nil {
		return
	}
	for _, one := range h.all {
		one.release()
	}
}

// ready waits a little for keys that were never fetched before.
func (h *holdings) ready(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstKeys)
	defer cancel()
	for _, one := range h.all {
		one.keys.Ready(ctx)
	}
}

// told is what operators see.
func (h *holdings) told() []ops.Keys {
	if h == nil {
		return nil
	}
	var all []ops.Keys
	for _, one := range h.all {
		s := one.keys.Stats()
		all = append(all, ops.Keys{Source: one.name, Count: s.Keys, Loaded: s.Loaded, Fetches: s.Fetches, Failures: s.Failures, Problem: s.Problem})
	}
	return all
}

// fetched gives published keys. Where nothing is fetched, as in validate, they
// stand for keys that nobody has.
func (c *compiler) fetched(at document.Cursor, name string, settings jwt.FetchSettings) jwt.Source {
	if err := settings.Check(); err != nil {
		c.Refuse(at, err.Error(), "where the issuer's keys are", "correct what the message names")
		return nil
	}
	url := settings.URL
	if settings.Discovery {
		url = settings.Issuer
	}
	if c.outbound == nil {
		return jwt.NewStatic(settings.Name(), &jwt.Set{}) // refused where it stands
	}
	if c.asking(at, url) == nil {
		return nil
	}
	if c.process.ring == nil {
		return jwt.NewStatic(settings.Name(), &jwt.Set{})
	}
	keys, release, err := c.process.ring.hold(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "keys that can be fetched", "correct what the message names")
		return nil
	}
	c.held.all = append(c.held.all, holding{name, keys, release})
	return keys
}

// asking gives the client by which a URL is asked for, or nil where that is refused.
func (c *compiler) asking(at document.Cursor, url string) guarded {
	var client guarded = c.outbound
	if c.process.ring != nil {
		client = c.process.ring.through(client)
	}
	if err := client.CheckURL(url); err != nil {
		c.Refuse(at, err.Error(), "an https URL that outbound allows", "correct the URL, or allow it in outbound")
		return nil
	}
	return client
}
