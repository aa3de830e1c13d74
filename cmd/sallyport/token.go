package main

import (
	"github.com/sallyport-authz/sallyport/authz/authn/token"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// token compiles an authenticator of the store's tokens.
func (c *compiler) token(at document.Cursor, message *configv1.Token) (kind, bool) {
	before := len(c.Problems)
	c.needStore(at)
	settings := token.Settings{Header: message.GetHeader(), Store: c.process.vault, Verifier: c.process.vault, Now: c.now}
	if len(message.GetPrefixes()) == 0 {
		c.Refuse(at.Field("prefixes"), "no prefix", "what the tokens begin with", "add them, as in prefixes: [mbz_]")
	}
	settings.Forms = c.forms(at.Field("prefixes"), message.GetPrefixes())
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := token.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "prefixes and a header", "correct what the message names")
		return kind{}, false
	}
	return kind{kindToken, a.Traits(), a}, true
}

// needStore refuses a kind that has nothing to ask.
func (c *compiler) needStore(at document.Cursor) {
	switch {
	case c.hasStore():
	case c.message.GetStore() != nil:
		c.Refuse(at, "the process began without a store", "a store from the start", "restart to take it over")
	default:
		c.Refuse(at, "there is no store to ask", "store: at the top of the configuration", "add it, as in store: {path: /var/lib/sallyport, keys: [{id: k1, secret: file:server.key}]}")
	}
}
