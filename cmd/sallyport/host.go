package main

import (
	"cmp"
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// block is a host block while its routes are compiled.
type block struct {
	at      cursor
	message *configv1.Host
	known   []*authz.Configured
	claims  *authz.Claims
	// accept is what routes accept that do not say.
	accept [][]*authz.Configured
	format *authz.DenialFormat
	spec   route.Host
	// places are those of spec.Rules.
	places []cursor
}

// block settles who is known at the hosts and what holds for all of its routes.
func (c *compiler) block(at cursor, message *configv1.Host) *block {
	b := &block{at: at, message: message, spec: route.Host{Name: message.GetName(), Patterns: message.GetMatch()}}
	b.known = c.blockAuthenticators(b)
	b.claims = c.claims(at, b.known)
	b.accept = byClass(notAnonymous(b.known))
	if at.field("accept").written() {
		b.accept = c.someAccept(at.field("accept"), message.GetAccept(), b.known)
	}
	b.format = c.format(at.field("denial"), message.GetDenial(), c.message.GetDenial())
	b.spec.NoRoute = c.noRoute(b)
	c.plan(b.spec.NoRoute)
	if c.choose(at.field("preflight"), message.GetPreflight(), "refuse", "allow") == "allow" {
		b.spec.Preflight = &authz.Route{Kind: authz.Preflight, Host: message.GetName(), Claims: b.claims, Format: b.format}
	}
	return b
}

func (c *compiler) blockAuthenticators(b *block) []*authz.Configured {
	at := b.at.field("authenticators")
	if !at.written() {
		return c.known
	}
	if len(b.message.GetAuthenticators()) == 0 {
		c.refuse(at, fault{"an empty list", "at least one name", "take the field out for all authenticators"})
		return c.known
	}
	taken := map[string]cursor{}
	var known []*authz.Configured
	for i, name := range b.message.GetAuthenticators() {
		configured, ok := c.find(at.index(i), name, c.known)
		if ok && c.unique(at.index(i), name, taken) {
			known = append(known, configured)
		}
	}
	return known
}

// claims settles who owns which carrier. All carriers of the configuration are
// known everywhere, so that a secret for another block is never passed on.
func (c *compiler) claims(at cursor, known []*authz.Configured) *authz.Claims {
	claims, err := authz.NewClaims(carriersOf(c.known), known)
	if err != nil {
		c.refuse(at, fault{err.Error(), "one authenticator for each class of values on a carrier", "give one of the two another header or prefix, or name only one of them in authenticators"})
		return &authz.Claims{}
	}
	return claims
}

// someAccept is accept where nobody at all would be a mistake.
func (c *compiler) someAccept(at cursor, list *structpb.ListValue, among []*authz.Configured) [][]*authz.Configured {
	if len(list.GetValues()) == 0 {
		c.refuse(at, fault{"an empty list accepts nobody", "at least one name", "name an authenticator, or take the field out"})
	}
	return c.accept(at, list, among)
}

// noRoute is what answers where the block has no route.
func (c *compiler) noRoute(b *block) *authz.Route {
	at, message := b.at.field("no_route"), b.message.GetNoRoute()
	accept := byClass(notAnonymous(b.known))
	if at.field("accept").written() {
		accept = c.accept(at.field("accept"), message.GetAccept(), b.known)
	}
	format := b.format
	if message.GetDenial() != "" {
		format = c.format(at.field("denial"), message.GetDenial(), "")
	}
	return &authz.Route{
		Kind: authz.NothingDeclared, Host: b.message.GetName(), Claims: b.claims, Accept: accept, Format: format,
		Challenge:        c.challenge(b.at.field("challenge"), b.message.GetChallenge(), accept),
		MalformedStatus:  c.malformed(b.at.field("malformed"), b.message.GetMalformed()),
		Unclaimed:        c.treatment(b.at.field("unclaimed"), b.message.GetUnclaimed(), authz.Refuse),
		UnacceptedHeader: c.treatment(b.at.field("unaccepted").field("headers"), b.message.GetUnaccepted().GetHeaders(), authz.Refuse),
		UnacceptedCookie: c.treatment(b.at.field("unaccepted").field("cookies"), b.message.GetUnaccepted().GetCookies(), authz.Ignore),
	}
}

// malformed is 401 unless 400 is written.
func (c *compiler) malformed(at cursor, status uint32) int {
	if status != 0 && status != 400 && status != 401 {
		c.refuse(at, fault{fmt.Sprintf("status %d for a malformed credential", status), "400 or 401", "write one of the two"})
		return 0
	}
	return int(cmp.Or(status, 401))
}
