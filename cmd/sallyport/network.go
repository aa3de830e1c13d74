package main

import (
	"cmp"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/limit"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// networks reads a list of CIDR blocks. One that is written and empty is no wish that
// anybody can have: it would be everywhere.
func (c *compiler) networks(at document.Cursor, texts []string) authz.Networks {
	if !at.Written() {
		return nil
	}
	networks, err := authz.ParseNetworks(texts)
	switch {
	case err != nil:
		c.Refuse(at, err.Error(), "CIDR blocks", "write them as in networks: [192.0.2.0/24, 2001:db8::/32]")
	case len(networks) == 0:
		c.Refuse(at, "no network", "at least one CIDR block", "write them as in networks: [192.0.2.0/24], or take the field out for everywhere")
	}
	return networks
}

// addressesKept is how many addresses a limit tells apart: what more of them ask for
// is counted from the beginning.
const addressesKept = 65_536

// anonymousLimit is what one address may do without a credential. In production there
// is one: nothing else holds back who does not say who they are.
func (c *compiler) anonymousLimit(at document.Cursor, message *configv1.Authenticator) authz.Limiter {
	settings := message.GetAnonymous()
	mode := cmp.Or(c.message.GetMode(), production) // of another one checkMode tells
	switch {
	case settings == nil || settings.GetLimit() == nil && mode != production:
		return nil
	case settings.GetLimit() == nil:
		c.Refuse(at, "anonymous callers without a limit, in production", "a limit", "write anonymous: {limit: {per_second: 10, burst: 50}}, or mode: development")
		return nil
	}
	l := settings.GetLimit()
	made, err := limit.New(limit.Settings{PerSecond: l.GetPerSecond(), Burst: int(l.GetBurst()), Keys: addressesKept}, c.now)
	if err != nil {
		c.Refuse(at.Field("limit"), fmt.Sprintf("per_second %v and burst %d", l.GetPerSecond(), l.GetBurst()), "per_second above zero, burst at least 1", "write them as in limit: {per_second: 10, burst: 50}")
		return nil
	}
	return made
}
