package main

import (
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/anonymous"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

const (
	// kindAnonymous is the one kind that no default accepts.
	kindAnonymous = "anonymous"
	kindHost      = "host"
)

// kind is one authenticator's code with what its settings fix.
type kind struct {
	word   string
	traits authz.Traits
	code   authz.Authenticator
}

// authenticators builds every configured authenticator in its order.
func (c *compiler) authenticators() []*authz.Configured {
	at := c.root.Field("authenticators")
	taken := map[string]document.Cursor{}
	var all []*authz.Configured
	for i, message := range c.message.GetAuthenticators() {
		here := at.Index(i)
		named := c.name(here.Field("name"), message.GetName()) && c.unique(here.Field("name"), message.GetName(), taken)
		configured, ok := c.authenticator(here, message)
		if named && ok {
			all = append(all, configured)
		}
	}
	return all
}

func (c *compiler) authenticator(at document.Cursor, message *configv1.Authenticator) (*authz.Configured, bool) {
	word := message.GetWord()
	if word == "" {
		word = message.GetName()
	} else {
		c.name(at.Field("word"), word)
	}
	onInvalid := authz.StopOnInvalid
	if c.choose(at.Field("on_invalid"), message.GetOnInvalid(), "stop", "next") == "next" {
		onInvalid = authz.NextOnInvalid
	}
	k, ok := c.kind(at, message)
	return &authz.Configured{
		Name: message.GetName(), Kind: k.word, Word: word, OnInvalid: onInvalid,
		Edges: c.edges(at, message, k.word), Networks: c.networks(at.Field("networks"), message.GetNetworks()),
		Limit: c.anonymousLimit(at.Field("anonymous"), message), Traits: k.traits, Authenticator: k.code,
	}, ok
}

// kind is the wiring: one case a kind of credential.
func (c *compiler) kind(at document.Cursor, message *configv1.Authenticator) (kind, bool) {
	switch settings := message.GetKind().(type) {
	case *configv1.Authenticator_Apikey:
		return c.apiKey(at.Field("apikey"), settings.Apikey)
	case *configv1.Authenticator_Host:
		return c.hostTenant(at.Field("host"), settings.Host)
	case *configv1.Authenticator_Anonymous:
		a := anonymous.New()
		return kind{kindAnonymous, a.Traits(), a}, true
	case *configv1.Authenticator_Jwt:
		return c.jwt(at.Field("jwt"), message.GetName(), settings.Jwt)
	case *configv1.Authenticator_Token:
		return c.token(at.Field("token"), settings.Token)
	case *configv1.Authenticator_Basic:
		return c.basic(at.Field("basic"), settings.Basic)
	case *configv1.Authenticator_Mtls:
		return c.mtls(at.Field("mtls"), settings.Mtls)
	case *configv1.Authenticator_Introspection:
		return c.introspection(at.Field("introspection"), settings.Introspection)
	case *configv1.Authenticator_Session:
		return c.session(at.Field("session"), settings.Session)
	case *configv1.Authenticator_Sharedsecret:
		return c.sharedSecret(at.Field("sharedsecret"), message.GetName(), settings.Sharedsecret)
	case *configv1.Authenticator_Staticbearer:
		return c.staticBearer(at.Field("staticbearer"), settings.Staticbearer)
	case *configv1.Authenticator_Agentjwt:
		return c.agentJWT(at.Field("agentjwt"), settings.Agentjwt)
	case *configv1.Authenticator_Verify:
		return c.verify(at.Field("verify"), settings.Verify)
	default:
		c.Refuse(at, fmt.Sprintf("authenticator %q has no kind", message.GetName()), "one of apikey, jwt, agentjwt, introspection, verify, token, basic, session, sharedsecret, staticbearer, mtls, host, anonymous", "add the kind's settings, as in anonymous: {}")
		return kind{}, false
	}
}
