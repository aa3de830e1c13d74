package verifier

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// errText is about every text that cannot be read. It repeats no part of it: a
// secret itself may stand in the wrong place.
var errText = errors.New("not the text of a verifier")

// reading is a verifier's text that was read.
type reading struct {
	// fits does the work.
	fits func(secret string) bool
	// slow tells of a hash that is meant to take long.
	slow bool
	// outdated tells that a new text would be made otherwise.
	outdated bool
}

// readImported reads every text but those under a server key. Rounds are those of
// new texts.
func readImported(text string, rounds int) (reading, error) {
	inner, begun := strings.CutPrefix(text, "$")
	if !begun {
		return reading{}, errText
	}
	scheme, rest, _ := strings.Cut(inner, "$")
	switch scheme {
	case "sha256":
		return readSHA256(rest)
	case "better-auth":
		return readBetterAuth(rest)
	case "pbkdf2-sha256":
		return readPBKDF2(rest, rounds)
	case "2a", "2b", "2y":
		return readBcrypt(text)
	case "argon2id":
		return readArgon2id(rest)
	default:
		return reading{}, errText
	}
}

// number reads a decimal in its one spelling, from least to most.
func number(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || n < least || n > most {
		return 0, errText
	}
	return n, nil
}

// bytes reads base64 in its one spelling, from least to most bytes of it.
func bytes(text string, least, most int) ([]byte, error) {
	decoded, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil || base64.RawStdEncoding.EncodeToString(decoded) != text || len(decoded) < least || len(decoded) > most {
		return nil, errText
	}
	return decoded, nil
}
