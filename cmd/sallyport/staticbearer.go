package main

import (
	"github.com/sallyport-authz/sallyport/authz/authn/staticbearer"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// staticBearer builds an authenticator of fixed bearer tokens.
func (c *compiler) staticBearer(at document.Cursor, message *configv1.StaticBearer) (kind, bool) {
	before := len(c.Problems)
	tokens := c.keys(at.Field("tokens"), message.GetTokens(), map[string]document.Cursor{}, map[[32]byte]document.Cursor{})
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := staticbearer.New(tokens, c.now)
	if err != nil {
		c.Refuse(at, err.Error(), "1 to 64 tokens", "list them, as in tokens: [{id: desk, secret: env:DESK_TOKEN}]")
		return kind{}, false
	}
	return kind{"staticbearer", a.Traits(), a}, true
}
