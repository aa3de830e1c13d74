package main

import (
	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// storedKeys builds an authenticator of keys that the store knows. Its code is that of
// tokens: a key is one in a header of its own.
func (c *compiler) storedKeys(at document.Cursor, message *configv1.ApiKey) (kind, bool) {
	before := len(c.Problems)
	c.needStore(at.Field("store"))
	for _, field := range []string{"keys", "keys_file"} {
		if at.Field(field).Written() {
			c.Refuse(at.Field(field), field+" beside store", "one of the two", "take it out, or make another authenticator for these keys")
		}
	}
	if message.GetPrefix() != "" && len(message.GetPrefixes()) > 0 {
		c.Refuse(at.Field("prefix"), "prefix beside prefixes", "prefixes for tokens that the store minted, prefix for keys of another system", "take one of the two out")
	}
	if prefix := message.GetPrefix(); prefix != "" {
		if err := tokenform.CheckPrefix(prefix); err != nil {
			c.Refuse(at.Field("prefix"), err.Error(), "a prefix under which keys can be imported",
				"write it as in pk_, or leave prefix out: then keys of any beginning are looked up, and imported without --prefix")
		}
	}
	settings := token.Settings{
		Header: c.keyHeader(at.Field("header"), message.GetHeader()), Forms: c.forms(at.Field("prefixes"), message.GetPrefixes()),
		Store: c.process.vault, Verifier: c.process.vault, Now: c.now,
	}
	if len(message.GetPrefixes()) == 0 {
		settings.Forms = []token.Form{whole(message.GetPrefix())}
	}
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := token.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "a header and prefixes", "correct the setting that the message names")
		return kind{}, false
	}
	return kind{kindToken, a.Traits(), a}, true
}

// whole is the form of keys of another system.
func whole(prefix string) token.Form {
	return token.Form{Prefix: prefix, Parse: func(text string) (authz.TokenRef, error) {
		return tokenform.Whole(prefix, authz.NewSecret(text)), nil
	}}
}

// forms are those of the store's own tokens.
func (c *compiler) forms(at document.Cursor, prefixes []string) []token.Form {
	var forms []token.Form
	for i, prefix := range prefixes {
		if err := tokenform.CheckPrefix(prefix); err != nil {
			c.Refuse(at.Index(i), err.Error(), "2 to 16 letters a to z and _", "write it as in mbz_")
		}
		forms = append(forms, token.Form{Prefix: prefix, Parse: tokenform.Parse})
	}
	return forms
}
