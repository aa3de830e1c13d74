package keylist

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// errDigest does not repeat the text: a key itself may stand in the wrong place.
var errDigest = errors.New("a digest is 64 hex digits or 43 characters of base64url without padding")

// Digest is what is kept of a key: the SHA-256 of all of it, its prefix included.
func Digest(key string) [32]byte { return sha256.Sum256([]byte(key)) }

// ParseDigest reads a digest in either written form. Base64url must be
// canonical (RFC 4648 section 3.5), so that one digest has one spelling.
func ParseDigest(text string) ([32]byte, error) {
	var digest [32]byte
	var decoded []byte
	var err error
	switch len(text) {
	case hex.EncodedLen(len(digest)):
		decoded, err = hex.DecodeString(text)
	case base64.RawURLEncoding.EncodedLen(len(digest)):
		decoded, err = base64.RawURLEncoding.Strict().DecodeString(text)
	default:
		return digest, fmt.Errorf("%w: got %d characters", errDigest, len(text))
	}
	if err != nil || len(decoded) != len(digest) {
		return digest, errDigest
	}
	copy(digest[:], decoded)
	return digest, nil
}
