package main

import (
	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// basic compiles an authenticator of the store's principals and their passwords.
func (c *compiler) basic(at document.Cursor, message *configv1.Basic) (kind, bool) {
	before := len(c.Problems)
	c.needStore(at)
	settings := basic.Settings{Realm: message.GetRealm(), FormEncoded: message.GetFormEncoded(), Store: c.process.vault, Verifier: c.process.vault}
	for _, principal := range message.GetPrincipals() {
		settings.Kinds = append(settings.Kinds, authz.PrincipalKind(principal))
	}
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := basic.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "principals: each of administrator, user, machine, client at most once", "write them as in principals: [administrator]")
		return kind{}, false
	}
	return kind{"basic", a.Traits(), a}, true
}
