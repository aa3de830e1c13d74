package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tenant"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// The words of membership. What a membership leaves of a caller's scopes differs
// between the first two where it lists none.
const (
	membersPass   = "require"
	membersListed = "scopes"
	anybodyPasses = "none"
)

// membership reads the word where it was written, and gives "" where it was not.
func (c *compiler) membership(at document.Cursor, word string) string {
	if !at.Written() {
		return ""
	}
	word = c.choose(at, word, membersPass, membersListed, anybodyPasses)
	if word != anybodyPasses {
		c.needStore(at)
	}
	return word
}

// claimed is what the configuration says of a tenant: where it comes from, and whether
// it is enough to claim it.
type claimed struct {
	// own is the route's word of membership, block the host block's.
	own, block string
	source     string
}

// belonging lets only members of the tenant pass: by the route's own word, else the
// block's, else wherever there is a store to ask and a tenant to be a member of.
func (c *compiler) belonging(at document.Cursor, by claimed, accept [][]*authz.Configured) authz.Belonging {
	at = at.Field("membership")
	own := c.membership(at, by.own)
	word := cmp.Or(own, by.block)
	if by.source == "none" {
		if own != "" && own != anybodyPasses {
			c.Refuse(at, "the route concerns no tenant", "tenant: caller, path:NAME or query:NAME", "name the tenant's source, or take membership out")
		}
		return nil
	}
	if word == anybodyPasses || word == "" && !c.hasStore() {
		return nil
	}
	if acceptsAnonymous(accept) && by.source != "" && by.source != "caller" {
		c.Refuse(at, "membership is required, and an anonymous caller is a member of nothing", "membership: none", "add membership: none, or take the anonymous authenticator out of accept")
	}
	c.checkIssuers(at, accept)
	return tenant.NewMembers(tenant.MemberSettings{Store: c.process.vault, Listed: word == membersListed})
}

// checkIssuers warns once of two people whom a membership could not tell apart.
func (c *compiler) checkIssuers(at document.Cursor, accept [][]*authz.Configured) {
	first := ""
	if c.issuersTold {
		return
	}
	for _, message := range c.message.GetAuthenticators() {
		issuer := cmp.Or(message.GetJwt().GetIssuer(), message.GetIntrospection().GetIssuer(), message.GetIntrospection().GetEndpoint(), message.GetSession().GetAsked().GetEndpoint(), message.GetSession().GetBetterAuth().GetRecords())
		accepted := slices.ContainsFunc(slices.Concat(accept...), func(one *authz.Configured) bool { return one.Name == message.GetName() })
		switch {
		case issuer == "" || !accepted || issuer == first:
		case first == "":
			first = issuer
		default:
			c.issuersTold = true
			c.Warn(at, fmt.Sprintf("membership knows callers of %q and of %q by their subject alone", first, issuer), "one issuer, or subjects that no two of them share", "accept one of the two, or see to it that their subjects differ")
			return
		}
	}
}
