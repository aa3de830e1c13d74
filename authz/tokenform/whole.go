package tokenform

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"github.com/sallyport-authz/sallyport/authz"
)

// errDigest does not repeat the text: a token itself may stand in the wrong place.
var errDigest = errors.New("a digest is 64 hex digits in lower case, or 43 characters of base64url without padding")

// Whole is what a token is looked up by whose form is somebody else's. The prefix is
// the one under which it is stored, which may be "".
func Whole(prefix string, token authz.Secret) authz.TokenRef {
	digest := sha256.Sum256([]byte(token.Reveal()))
	return authz.TokenRef{Prefix: prefix, Lookup: hex.EncodeToString(digest[:])}
}

// FromSHA256 is what Whole gives for the token whose SHA-256 this is, in hex.
func FromSHA256(prefix, digest string) (authz.TokenRef, error) {
	decoded, err := hex.DecodeString(digest)
	if err != nil || len(decoded) != sha256.Size || hex.EncodeToString(decoded) != digest {
		return authz.TokenRef{}, errDigest
	}
	return authz.TokenRef{Prefix: prefix, Lookup: digest}, nil
}

// FromBetterAuth is what Whole gives for the key of which Better Auth keeps this: the
// SHA-256 in base64url without padding.
func FromBetterAuth(prefix, digest string) (authz.TokenRef, error) {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(digest)
	if err != nil || len(decoded) != sha256.Size || base64.RawURLEncoding.EncodeToString(decoded) != digest {
		return authz.TokenRef{}, errDigest
	}
	return authz.TokenRef{Prefix: prefix, Lookup: hex.EncodeToString(decoded)}, nil
}
