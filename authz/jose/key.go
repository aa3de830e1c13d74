package jose

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
)

// JWK is one JSON Web Key, as claimset.Read gives it.
type JWK map[string]any

// ErrUse is a key for something else than verifying.
var ErrUse = errors.New("not for verifying")

// ReadJWK takes what must be an object whose names are texts.
func ReadJWK(one any) (JWK, error) {
	members, ok := one.(map[string]any)
	if !ok {
		return nil, errors.New("no object")
	}
	for _, name := range []string{"kty", "alg", "kid", "crv", "use"} {
		if _, isText := members[name].(string); members[name] != nil && !isText {
			return nil, fmt.Errorf("%s is no text", name)
		}
	}
	j := JWK(members)
	if len(j.Text("kid")) > longestKeyID {
		return nil, fmt.Errorf("kid longer than %d bytes", longestKeyID)
	}
	return j, nil
}

// Text gives a member's text; "" is none.
func (j JWK) Text(name string) string {
	text, _ := j[name].(string)
	return text
}

// Bytes reads a value in canonical base64url that is not empty.
func (j JWK) Bytes(name string) ([]byte, error) {
	value, err := canonical(j.Text(name))
	if err != nil || len(value) == 0 {
		return nil, fmt.Errorf("%s is not canonical base64url", name)
	}
	return value, nil
}

// ForVerifying holds a key to its declared use (RFC 7517 sections 4.2 and 4.3), which
// is ErrUse, and refuses one with which one could sign.
func (j JWK) ForVerifying() error {
	if use, there := j["use"]; there && use != "sig" {
		return fmt.Errorf("%w: use is not sig", ErrUse)
	}
	if operations, there := j["key_ops"]; there {
		list, ok := operations.([]any)
		if !ok || !slices.Contains(list, any("verify")) {
			return fmt.Errorf("%w: key_ops do not hold verify", ErrUse)
		}
	}
	if _, private := j["d"]; private {
		return errors.New("a private key: whoever read it can sign")
	}
	return nil
}

// EdDSA is the one algorithm of a key on Ed25519's curve (RFC 8037 section 3.1).
const EdDSA = "EdDSA"

// Ed25519 gives the public key of an octet key pair on that curve (RFC 8037 section
// 2), whose alg may be missing. Its error holds nothing of the key.
func (j JWK) Ed25519() (ed25519.PublicKey, error) {
	if j.Text("kty") != "OKP" || j.Text("crv") != "Ed25519" {
		return nil, errors.New("crv is not Ed25519")
	}
	// RFC 9864 has another name for the same.
	if alg := j.Text("alg"); alg != "" && alg != EdDSA && alg != "Ed25519" {
		return nil, errors.New("alg does not fit the key")
	}
	x, err := j.Bytes("x")
	if err != nil {
		return nil, err
	}
	if len(x) != ed25519.PublicKeySize || !isEdwardsPoint(x) {
		return nil, errors.New("x is no point of the curve that a key can be")
	}
	return x, nil
}
