package main

import (
	"cmp"
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// block is a host block while its routes are compiled.
type block struct {
	at      document.Cursor
	message *configv1.Host
	known   []*authz.Configured
	claims  *authz.Claims
	// accept is what routes accept that do not say.
	accept [][]*authz.Configured
	format *authz.DenialFormat
	told   authz.UpstreamClaims
	// membership is "" where the block says nothing of it.
	membership string
	spec       route.Host
	// places are those of spec.Rules.
	places []document.Cursor
}

// block settles who is known at the hosts and what holds for all of its routes.
func (c *compiler) block(at document.Cursor, message *configv1.Host) *block {
	b := &block{at: at, message: message, spec: route.Host{Name: message.GetName(), Patterns: message.GetMatch()}}
	b.known = c.blockAuthenticators(b)
	b.claims = c.claims(at, b.known)
	b.accept = byClass(notAnonymous(b.known))
	if at.Field("accept").Written() {
		b.accept = c.someAccept(at.Field("accept"), message.GetAccept(), b.known)
	}
	b.format = c.format(at.Field("denial"), message.GetDenial(), c.message.GetDenial())
	b.membership = c.membership(at.Field("membership"), message.GetMembership())
	b.told = c.upstreamClaims(at.Field("upstream_claims"), message.GetUpstreamClaims())
	b.spec.NoRoute = c.noRoute(b)
	c.plan(b.spec.NoRoute)
	if c.choose(at.Field("preflight"), message.GetPreflight(), "refuse", "allow") == "allow" {
		c.checkPreflight(at.Field("preflight"), b.known)
		b.spec.Preflight = &authz.Route{Kind: authz.Preflight, Host: message.GetName(), Claims: b.claims, Format: b.format}
	}
	return b
}

func (c *compiler) blockAuthenticators(b *block) []*authz.Configured {
	at := b.at.Field("authenticators")
	if !at.Written() {
		return c.known
	}
	if len(b.message.GetAuthenticators()) == 0 {
		c.Refuse(at, "an empty list", "at least one name", "take the field out for all authenticators")
		return c.known
	}
	taken := map[string]document.Cursor{}
	var known []*authz.Configured
	for i, name := range b.message.GetAuthenticators() {
		configured, ok := c.find(at.Index(i), name, c.known)
		if ok && c.unique(at.Index(i), name, taken) {
			known = append(known, configured)
		}
	}
	return known
}

// claims settles who owns which carrier. All carriers of the configuration are
// known everywhere, so that a secret for another block is never passed on.
func (c *compiler) claims(at document.Cursor, known []*authz.Configured) *authz.Claims {
	claims, err := authz.NewClaims(carriersOf(c.known), known)
	if err != nil {
		c.Refuse(at, err.Error(), "one authenticator for each class of values on a carrier", "give one of the two another header or prefix, or name only one of them in authenticators")
		return &authz.Claims{}
	}
	return claims
}

// someAccept is accept where nobody at all would be a mistake.
func (c *compiler) someAccept(at document.Cursor, list *structpb.ListValue, among []*authz.Configured) [][]*authz.Configured {
	if len(list.GetValues()) == 0 {
		c.Refuse(at, "an empty list accepts nobody", "at least one name", "name an authenticator, or take the field out")
	}
	return c.accept(at, list, among)
}

// noRoute is what answers where the block has no route.
func (c *compiler) noRoute(b *block) *authz.Route {
	at, message := b.at.Field("no_route"), b.message.GetNoRoute()
	accept := byClass(notAnonymous(b.known))
	if at.Field("accept").Written() {
		accept = c.accept(at.Field("accept"), message.GetAccept(), b.known)
	}
	format := b.format
	if message.GetDenial() != "" {
		format = c.format(at.Field("denial"), message.GetDenial(), "")
	}
	return &authz.Route{
		Kind: authz.NothingDeclared, Host: b.message.GetName(), Claims: b.claims, Accept: accept, Format: format,
		Challenge:        c.challenge(b.at.Field("challenge"), b.message.GetChallenge(), accept),
		MalformedStatus:  c.malformed(b.at.Field("malformed"), b.message.GetMalformed()),
		Unclaimed:        c.treatment(b.at.Field("unclaimed"), b.message.GetUnclaimed(), authz.Refuse),
		UnacceptedHeader: c.treatment(b.at.Field("unaccepted").Field("headers"), b.message.GetUnaccepted().GetHeaders(), authz.Refuse),
		UnacceptedCookie: c.treatment(b.at.Field("unaccepted").Field("cookies"), b.message.GetUnaccepted().GetCookies(), authz.Ignore),
	}
}

// malformed is 401 unless 400 is written.
func (c *compiler) malformed(at document.Cursor, status uint32) int {
	if status != 0 && status != 400 && status != 401 {
		c.Refuse(at, fmt.Sprintf("status %d for a malformed credential", status), "400 or 401", "write one of the two")
		return 0
	}
	return int(cmp.Or(status, 401))
}

func (c *compiler) upstreamClaims(at document.Cursor, parts map[string]string) authz.UpstreamClaims {
	told, err := authz.NewUpstreamClaims(parts)
	if err != nil {
		c.Refuse(at, err.Error(), "a part of the caller for each member, as in orgId: tenant", "correct the member that the message names")
	}
	return told
}
