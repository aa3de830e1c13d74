package main

import (
	"path/filepath"

	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// databaseName is the database's file in the store's folder.
const databaseName = "sallyport.db"

// storePlan is the embedded store. The zero plan is none.
type storePlan struct {
	folder string
	keys   []verifier.Key
	// slow are the prefixes of tokens that are kept as passwords are.
	slow []string
	// forms are how authenticators look up what is in it.
	forms storedForms
}

func (p storePlan) configured() bool { return p.folder != "" }

func (p storePlan) database() string { return filepath.Join(p.folder, databaseName) }

// hasStore reports whether there is a store to ask: the one from the start, whatever
// the file says later. Else taking it out of the file would make members of everybody
// until the restart that this needs.
func (c *compiler) hasStore() bool {
	if c.process.began != nil {
		return c.process.began.configured()
	}
	return c.message.GetStore() != nil
}

// store compiles where the store is and under which keys its tokens are.
func (c *compiler) store() storePlan {
	at, message := c.root.Field("store"), c.message.GetStore()
	if message == nil {
		return storePlan{}
	}
	if message.GetPath() == "" {
		c.Refuse(at.Field("path"), "no path", "the store's folder", "add it, as in path: /var/lib/sallyport")
		return storePlan{}
	}
	if len(message.GetKeys()) == 0 {
		c.Refuse(at.Field("keys"), "no server key", "at least one", "make one (openssl rand -hex 32 > server.key; chmod 600 server.key) and add keys: [{id: k1, secret: file:server.key}]")
	}
	plan := storePlan{folder: c.secrets.path(message.GetPath())}
	for i, one := range message.GetKeys() {
		here := at.Field("keys").Index(i)
		text, err := c.secrets.resolve(one.GetSecret())
		if err != nil {
			c.refuseSecret(here.Field("secret"), err)
			continue
		}
		key, err := verifier.NewKey(one.GetId(), text)
		if err != nil {
			c.Refuse(here, err.Error(), "an id and 64 hex digits", "write them as in {id: k1, secret: file:server.key}")
			continue
		}
		for _, other := range plan.keys {
			if other.ID == key.ID {
				c.Refuse(here.Field("id"), "the id of another key", "an id a key", "choose another id")
			}
		}
		plan.keys = append(plan.keys, key)
	}
	plan.forms = formsOf(c.message.GetAuthenticators())
	plan.slow = c.slowPrefixes(at.Field("pbkdf2_prefixes"), message.GetPbkdf2Prefixes())
	return plan
}

func (c *compiler) slowPrefixes(at document.Cursor, prefixes []string) []string {
	for i, prefix := range prefixes {
		if err := tokenform.CheckPrefix(prefix); err != nil {
			c.Refuse(at.Index(i), err.Error(), "2 to 16 letters a to z and _", "write it as in pfy_")
		}
	}
	return prefixes
}
