package main

import (
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// challenge is the WWW-Authenticate of a 401 (RFC 9110 section 11.6.1): the
// word auto makes it of the accepted authenticators, off sends none, anything
// else is the value itself.
func (c *compiler) challenge(at document.Cursor, text string, accept [][]*authz.Configured) string {
	switch {
	case text == "" || text == "auto":
		return autoChallenge(accept)
	case text == "off":
		return ""
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }):
		c.Refuse(at, "a challenge with a control character or beyond ASCII", "auto, off, or one line as in Bearer realm=\"api\"", "write it in one line of ASCII")
		return ""
	default:
		return text
	}
}

// autoChallenge lists each scheme once, Bearer first: old clients look at the
// first challenge only.
func autoChallenge(accept [][]*authz.Configured) string {
	var schemes []string
	for _, group := range accept {
		for _, configured := range group {
			if configured.Challenge != "" && !slices.Contains(schemes, configured.Challenge) {
				schemes = append(schemes, configured.Challenge)
			}
		}
	}
	slices.SortStableFunc(schemes, func(a, b string) int { return bearerFirst(a) - bearerFirst(b) })
	return strings.Join(schemes, ", ")
}

func bearerFirst(scheme string) int {
	if word, _, _ := strings.Cut(scheme, " "); strings.EqualFold(word, "Bearer") {
		return 0
	}
	return 1
}
