package main

import (
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/anonymous"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// kindAnonymous is the one kind that no default accepts.
const kindAnonymous = "anonymous"

// kind is one authenticator's code with what its settings fix.
type kind struct {
	word   string
	traits authz.Traits
	code   authz.Authenticator
}

// authenticators builds every configured authenticator in its order.
func (c *compiler) authenticators() []*authz.Configured {
	at := c.root.field("authenticators")
	taken := map[string]cursor{}
	var all []*authz.Configured
	for i, message := range c.message.GetAuthenticators() {
		here := at.index(i)
		named := c.name(here.field("name"), message.GetName()) && c.unique(here.field("name"), message.GetName(), taken)
		configured, ok := c.authenticator(here, message)
		if named && ok {
			all = append(all, configured)
		}
	}
	return all
}

func (c *compiler) authenticator(at cursor, message *configv1.Authenticator) (*authz.Configured, bool) {
	word := message.GetWord()
	if word == "" {
		word = message.GetName()
	} else {
		c.name(at.field("word"), word)
	}
	onInvalid := authz.StopOnInvalid
	if c.choose(at.field("on_invalid"), message.GetOnInvalid(), "stop", "next") == "next" {
		onInvalid = authz.NextOnInvalid
	}
	k, ok := c.kind(at, message)
	return &authz.Configured{
		Name: message.GetName(), Kind: k.word, Word: word, OnInvalid: onInvalid,
		Traits: k.traits, Authenticator: k.code,
	}, ok
}

// kind is the wiring: one case a kind of credential.
func (c *compiler) kind(at cursor, message *configv1.Authenticator) (kind, bool) {
	switch settings := message.GetKind().(type) {
	case *configv1.Authenticator_Apikey:
		return c.apiKey(at.field("apikey"), settings.Apikey)
	case *configv1.Authenticator_Host:
		return c.hostTenant(at.field("host"), settings.Host)
	case *configv1.Authenticator_Anonymous:
		a := anonymous.New()
		return kind{kindAnonymous, a.Traits(), a}, true
	case *configv1.Authenticator_Jwt:
		return c.jwt(at.field("jwt"), message.GetName(), settings.Jwt)
	default:
		c.refuse(at, fault{fmt.Sprintf("authenticator %q has no kind", message.GetName()), "one of apikey, jwt, host, anonymous", "add the kind's settings, as in anonymous: {}"})
		return kind{}, false
	}
}
