package verifier

import (
	"errors"
	"fmt"
)

// Scheme is how another system kept its secrets.
type Scheme string

// The schemes that can be taken over.
const (
	SHA256     Scheme = "sha256"
	BetterAuth Scheme = "better-auth"
	// Encoded is a text that names its own scheme, as bcrypt's and argon2id's do.
	Encoded Scheme = "encoded"
)

// ImportPassword makes the text of what another system kept of a password: a text that
// names its own scheme, which is a slow one. A digest of what a person chose is no
// secret of theirs. The error repeats no part of what was kept.
func ImportPassword(kept string) (string, error) {
	row, err := readImported(kept, DefaultRounds)
	if err != nil || !row.slow {
		return "", fmt.Errorf("import: %w of bcrypt, argon2id or pbkdf2-sha256, or one that costs more than is verified here", errText)
	}
	return kept, nil
}

// Import makes the text of what another system kept. Digests are right for random
// tokens of at least 128 bits only. The error repeats no part of what was kept.
func Import(scheme Scheme, kept string) (string, error) {
	var text string
	switch scheme {
	case SHA256, BetterAuth:
		text = "$" + string(scheme) + "$" + kept
	case Encoded:
		text = kept
	default:
		return "", errors.New("import: unknown scheme, want sha256, better-auth or encoded")
	}
	if _, err := readImported(text, DefaultRounds); err != nil {
		return "", fmt.Errorf("import: %w of scheme %s, or one that costs more than is verified here", err, scheme)
	}
	return text, nil
}
