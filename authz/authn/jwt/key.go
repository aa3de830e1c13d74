package jwt

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// key is one key that verifies, made for exactly one algorithm.
type key struct {
	id        string
	algorithm algorithm
	// material is what algorithm.verify takes.
	material any
	// text is the key's own content, by which a changed key is told.
	text []byte
}

// equal tells whether two keys verify the same under the same name.
func (k *key) equal(o key) bool {
	return o.id == k.id && o.algorithm.name == k.algorithm.name && bytes.Equal(o.text, k.text)
}

// jwk is one member list of a set.
type jwk map[string]any

func (j jwk) text(name string) string {
	text, _ := j[name].(string)
	return text
}

// bytes reads a value in canonical base64url.
func (j jwk) bytes(name string) ([]byte, error) {
	value, err := canonical(j.text(name))
	if err != nil || len(value) == 0 {
		return nil, fmt.Errorf("%s is not canonical base64url", name)
	}
	return value, nil
}

func parseKey(one any) (key, error) {
	members, ok := one.(map[string]any)
	if !ok {
		return key{}, errors.New("no object")
	}
	j := jwk(members)
	for _, name := range []string{"kty", "alg", "kid", "crv", "use"} {
		if _, isText := j[name].(string); j[name] != nil && !isText {
			return key{}, fmt.Errorf("%s is no text", name)
		}
	}
	if len(j.text("kid")) > longestKeyID {
		return key{}, fmt.Errorf("kid longer than %d bytes", longestKeyID)
	}
	// Cloned, or an id of some bytes would keep the whole document.
	k := key{id: strings.Clone(j.text("kid"))}
	err := j.forVerifying()
	if err != nil {
		return k, err
	}
	if _, private := j["d"]; private {
		return k, errors.New("a private key: whoever read the set can sign")
	}
	switch j.text("kty") {
	case "EC":
		err = k.readEC(j)
	case "OKP":
		err = k.readOKP(j)
	case "RSA":
		err = k.readRSA(j)
	case "oct":
		err = k.readSecret(j)
	default:
		err = errors.New("kty is none of EC, OKP, RSA, oct")
	}
	return k, err
}

// errUse is a key for something else: it is nobody's twin.
var errUse = errors.New("not for verifying")

// forVerifying holds a key to its declared use (RFC 7517 sections 4.2 and 4.3).
func (j jwk) forVerifying() error {
	if use, there := j["use"]; there && use != "sig" {
		return fmt.Errorf("%w: use is not sig", errUse)
	}
	operations, there := j["key_ops"]
	if !there {
		return nil
	}
	list, ok := operations.([]any)
	if !ok || !slices.Contains(list, any("verify")) {
		return fmt.Errorf("%w: key_ops do not hold verify", errUse)
	}
	return nil
}

// settle takes the algorithm that the key was made for: the one that it names,
// which must be one of those that its material allows, else the first of these.
func (k *key) settle(named string, allowed ...string) error {
	if named == "" {
		named = allowed[0]
	}
	for _, a := range algorithms() {
		if a.name == named && slices.Contains(allowed, named) {
			k.algorithm = a
			return nil
		}
	}
	return errors.New("alg does not fit the key")
}

// curve is one of RFC 7518 section 6.2.1.1 and its only algorithm.
type curve struct {
	curve     elliptic.Curve
	algorithm string
}

func curves() map[string]curve {
	return map[string]curve{
		"P-256": {elliptic.P256(), "ES256"}, "P-384": {elliptic.P384(), "ES384"}, "P-521": {elliptic.P521(), "ES512"},
	}
}

func (k *key) readEC(j jwk) error {
	on, known := curves()[j.text("crv")]
	if !known {
		return errors.New("crv is none of P-256, P-384, P-521")
	}
	alg := j.text("alg")
	if alg == "ES521" && on.algorithm == "ES512" {
		// A slip that keys in use have, and RFC 7520's as they are passed on.
		alg = "ES512"
	}
	if err := k.settle(alg, on.algorithm); err != nil {
		return err
	}
	x, errX := j.bytes("x")
	y, errY := j.bytes("y")
	if err := errors.Join(errX, errY); err != nil {
		return err
	}
	// RFC 7518 section 6.2.1.2: as long as the curve's numbers are.
	if len(x) != k.algorithm.size || len(y) != k.algorithm.size {
		return errors.New("x or y has another length than the curve")
	}
	k.text = slices.Concat([]byte{4}, x, y)
	public, err := ecdsa.ParseUncompressedPublicKey(on.curve, k.text)
	if err != nil {
		return errors.New("x and y are no point of the curve")
	}
	k.material = public
	return nil
}

func (k *key) readOKP(j jwk) error {
	if j.text("crv") != "Ed25519" {
		return errors.New("crv is not Ed25519")
	}
	alg := j.text("alg")
	if alg == "Ed25519" {
		alg = "EdDSA" // RFC 9864's name for the same
	}
	if err := k.settle(alg, "EdDSA"); err != nil {
		return err
	}
	x, err := j.bytes("x")
	if err != nil {
		return err
	}
	if len(x) != ed25519.PublicKeySize || !isEdwardsPoint(x) {
		return errors.New("x is no point of the curve that a key can be")
	}
	k.material, k.text = ed25519.PublicKey(x), x
	return nil
}

const (
	// shortestModulus is RFC 7518 section 3.3's; longestModulus bounds what one
	// verification costs.
	shortestModulus, longestModulus = 2048, 8192
)

func (k *key) readRSA(j jwk) error {
	if err := k.settle(j.text("alg"), "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"); err != nil {
		return err
	}
	modulus, errN := j.bytes("n")
	exponent, errE := j.bytes("e")
	if err := errors.Join(errN, errE); err != nil {
		return err
	}
	n, e := new(big.Int).SetBytes(modulus), new(big.Int).SetBytes(exponent)
	switch {
	case n.BitLen() < shortestModulus || n.BitLen() > longestModulus:
		return fmt.Errorf("a modulus of %d bits", n.BitLen())
	case n.Bit(0) == 0:
		return errors.New("an even modulus")
	case e.BitLen() > 31 || e.Int64() < 3 || e.Bit(0) == 0:
		return errors.New("an exponent that is even, below 3 or above 31 bits")
	case hasROCA(n):
		return errors.New("a modulus made by the generator of CVE-2017-15361")
	}
	k.material = &rsa.PublicKey{N: n, E: int(e.Int64())}
	k.text = slices.Concat(modulus, []byte{0}, exponent)
	return nil
}

func (k *key) readSecret(j jwk) error {
	if j.text("alg") == "" {
		return errors.New("a shared secret without alg")
	}
	if err := k.settle(j.text("alg"), "HS256", "HS384", "HS512"); err != nil {
		return err
	}
	secret, err := j.bytes("k")
	if err != nil {
		return errors.New("k is not canonical base64url")
	}
	// RFC 7518 section 3.2: as long as the hash at the least.
	if len(secret) < k.algorithm.hash.Size() {
		return errors.New("a shared secret shorter than its hash")
	}
	k.material, k.text = secret, secret
	return nil
}
