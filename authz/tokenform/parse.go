package tokenform

import (
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// What can be wrong with a text. Each wraps authz.ErrMalformed.
var (
	// ErrForm: no token looks like this.
	ErrForm = fmt.Errorf("%w: not the form of a token", authz.ErrMalformed)
	// ErrTruncated: tokens begin like this, and end later.
	ErrTruncated = fmt.Errorf("%w: the token is cut short", authz.ErrMalformed)
	// ErrMistyped: the checksum is not that of the rest. A prefix whose tokens have
	// none gives no such error.
	ErrMistyped = fmt.Errorf("%w: the token was not copied as it is", authz.ErrMalformed)
)

// Parse reads what a token shows of itself. That the text has the form of a token
// says nothing about whether there is such a one. The prefix is that of the text:
// who knows some prefixes only compares it.
func Parse(text string) (authz.TokenRef, error) {
	prefix, rest, err := cutPrefix(text)
	if err != nil {
		return authz.TokenRef{}, ErrForm
	}
	f := formOf(prefix)
	switch {
	case !f.begins(rest):
		return authz.TokenRef{}, ErrForm
	case len(rest) < f.length():
		return authz.TokenRef{}, ErrTruncated
	case prefix != Mobazha && text[len(text)-checksumLength:] != checksum(text[:len(text)-checksumLength]):
		return authz.TokenRef{}, ErrMistyped
	default:
		return authz.TokenRef{Prefix: prefix, Lookup: rest[:f.id]}, nil
	}
}
