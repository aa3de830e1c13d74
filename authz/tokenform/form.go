package tokenform

import (
	"fmt"
	"strings"
)

// form is what stands behind a prefix: an id, "_", and a secret with what follows it.
type form struct {
	alphabet string
	id, tail int
}

const (
	// Mobazha is the prefix whose tokens have a form of their own.
	Mobazha = "mbz_"

	hexadecimal = "0123456789abcdef"
	crockford   = "0123456789abcdefghjkmnpqrstvwxyz"

	// secretLength is that of a secret that a checksum follows: 160 bits.
	secretLength   = 32
	checksumLength = 7
)

func formOf(prefix string) form {
	if prefix == Mobazha {
		return form{hexadecimal, 8, 64}
	}
	return form{crockford, 12, secretLength + checksumLength}
}

func (f form) length() int { return f.id + 1 + f.tail }

// begins reports whether rest is the beginning of some token of the form, or all
// of it.
func (f form) begins(rest string) bool {
	if len(rest) > f.length() {
		return false
	}
	for i := range len(rest) {
		if i == f.id {
			if rest[i] != '_' {
				return false
			}
		} else if strings.IndexByte(f.alphabet, rest[i]) < 0 {
			return false
		}
	}
	return true
}

// CheckID tells whether tokens of the prefix are looked up by such an id. Its error
// does not repeat the text: the token itself may stand in the wrong place.
func CheckID(prefix, id string) error {
	if err := CheckPrefix(prefix); err != nil {
		return err
	}
	f := formOf(prefix)
	if len(id) != f.id || !f.begins(id) {
		return fmt.Errorf("the id in a token of prefix %s is %d of the characters %s", prefix, f.id, f.alphabet)
	}
	return nil
}

// Pattern is a regular expression (RE2) that every token of the prefix matches,
// and hardly anything else does.
func Pattern(prefix string) (string, error) {
	if err := CheckPrefix(prefix); err != nil {
		return "", err
	}
	if prefix == Mobazha {
		return `\b` + prefix + `[0-9a-f]{8}_[0-9a-f]{64}\b`, nil
	}
	return `\b` + prefix + `[0-9a-hjkmnp-tv-z]{12}_[0-9a-hjkmnp-tv-z]{39}\b`, nil
}
