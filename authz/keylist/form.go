package keylist

import (
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// Longest bounds, in bytes, what is hashed for a caller whom nobody knows yet.
const Longest = 1024

// Check gives authz.ErrMalformed of a text that cannot be a secret: one that is empty or
// longer than Longest, or holds what no header can carry as one value.
func Check(text string) error {
	switch {
	case len(text) > Longest:
		return fmt.Errorf("%w: longer than %d bytes", authz.ErrMalformed, Longest)
	case text == "" || !Visible(text):
		return fmt.Errorf("%w: not a text of visible ASCII characters without a comma", authz.ErrMalformed)
	default:
		return nil
	}
}

// Visible reports a text of visible ASCII characters without a comma, which separates
// values (RFC 9110 section 5.6.1). The empty text is one.
func Visible(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f || text[i] == ',' {
			return false
		}
	}
	return true
}
