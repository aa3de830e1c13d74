package verifier

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
)

// readSHA256 reads what systems keep that hash their random tokens only.
func readSHA256(text string) (reading, error) {
	digest, err := hex.DecodeString(text)
	if err != nil || len(digest) != sha256.Size || hex.EncodeToString(digest) != text {
		return reading{}, errText
	}
	return ofDigest(digest, true), nil
}

// readBetterAuth reads what Better Auth keeps of an API key. It is never outdated: the
// row is a copy of one that its owner goes on reading.
func readBetterAuth(text string) (reading, error) {
	digest, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(digest) != sha256.Size || base64.RawURLEncoding.EncodeToString(digest) != text {
		return reading{}, errText
	}
	return ofDigest(digest, false), nil
}

func ofDigest(digest []byte, outdated bool) reading {
	return reading{outdated: outdated, fits: func(secret string) bool {
		got := sha256.Sum256([]byte(secret))
		return subtle.ConstantTimeCompare(got[:], digest) == 1
	}}
}
