package verifier

import (
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// Bounds on bcrypt: cost 14 is about a second. A longer secret than 72 bytes would
// be compared by its beginning alone, and fits nothing.
const (
	leastCost          = 4
	mostCost           = 14
	longestBcrypt      = 72
	bcryptLength       = 60
	bcryptAlphabet     = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	bcryptHeaderLength = len("$2b$10$")
)

// readBcrypt reads the whole text, of which "$2b$" has been looked at. The versions
// 2a, 2b and 2y are one algorithm here; 2x is a broken one.
func readBcrypt(text string) (reading, error) {
	if len(text) != bcryptLength || text[6] != '$' {
		return reading{}, errText
	}
	if _, err := number(strings.TrimPrefix(text[4:6], "0"), leastCost, mostCost); err != nil {
		return reading{}, errText
	}
	for i := bcryptHeaderLength; i < len(text); i++ {
		if strings.IndexByte(bcryptAlphabet, text[i]) < 0 {
			return reading{}, errText
		}
	}
	return reading{slow: true, outdated: true, fits: func(secret string) bool {
		matches := bcrypt.CompareHashAndPassword([]byte(text), []byte(secret)) == nil
		return matches && len(secret) <= longestBcrypt
	}}, nil
}
