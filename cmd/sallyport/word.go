package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// production is the mode unless the configuration says otherwise.
const production = "production"

// choose gives the word of a closed set; the first is the default.
func (c *compiler) choose(at document.Cursor, word string, words ...string) string {
	if word == "" {
		return words[0]
	}
	if !slices.Contains(words, word) {
		c.Refuse(at, fmt.Sprintf("unknown value %q", word), "one of ["+strings.Join(words, " ")+"]", fmt.Sprintf("write %q, the default, or another of these", words[0]))
		return words[0]
	}
	return word
}

// treatment reads "refuse" or "ignore"; fallback is what an empty word means.
func (c *compiler) treatment(at document.Cursor, word string, fallback authz.Treatment) authz.Treatment {
	if word == "" {
		return fallback
	}
	if c.choose(at, word, "refuse", "ignore") == "ignore" {
		return authz.Ignore
	}
	return authz.Refuse
}

func (c *compiler) checkMode() {
	c.choose(c.root.Field("mode"), c.message.GetMode(), production, "development")
}

// inProduction is also true of a mode that nobody knows.
func (c *compiler) inProduction() bool { return c.message.GetMode() != "development" }

// name checks a name that operators choose: it stands in logs, in policies and
// in headers.
func (c *compiler) name(at document.Cursor, name string) bool {
	fits := name != "" && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) })
	if !fits {
		c.Refuse(at, fmt.Sprintf("name %q", name), "1 to 64 letters, digits, or any of . _ -", "choose such a name")
	}
	return fits
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
}

// unique refuses a name that is taken, and keeps it otherwise.
func (c *compiler) unique(at document.Cursor, name string, taken map[string]document.Cursor) bool {
	first, again := taken[name]
	if again {
		c.Refuse(at, fmt.Sprintf("%q is already the name of %s", name, first.Path()), "a name of its own", "choose another name for one of the two")
		return false
	}
	taken[name] = at
	return true
}

// checkScopes checks the closed list of scopes (RFC 6749 section 3.3).
func (c *compiler) checkScopes() {
	taken := map[string]document.Cursor{}
	for i, scope := range c.message.GetScopes() {
		at := c.root.Field("scopes").Index(i)
		if scope == "" || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			c.Refuse(at, fmt.Sprintf("scope %q", scope), "printable ASCII without space, quote or backslash", "write such a scope")
		}
		c.unique(at, scope, taken)
	}
}

// scopes refuses every scope that is not in the closed list.
func (c *compiler) scopes(at document.Cursor, scopes []string) []string {
	for i, scope := range scopes {
		c.scope(at.Index(i), scope)
	}
	return scopes
}

// scope refuses one that is not in the closed list.
func (c *compiler) scope(at document.Cursor, scope string) {
	if !slices.Contains(c.message.GetScopes(), scope) {
		c.Refuse(at, fmt.Sprintf("unknown scope %q", scope), "one of ["+strings.Join(c.message.GetScopes(), " ")+"]", "add it to the list scopes at the top, or correct it")
	}
}

// limit reads a size that has a default.
func atMost(value, fallback uint32) int {
	if value == 0 {
		return int(fallback)
	}
	return int(value)
}
