package jwt

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz/jose"
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

// parseKey gives the key's id also beside an error: another key may have the same.
func parseKey(one any) (key, error) {
	j, err := jose.ReadJWK(one)
	if err != nil {
		return key{}, err //nolint:wrapcheck // the set says which key
	}
	// Cloned, or an id of some bytes would keep the whole document.
	k := key{id: strings.Clone(j.Text("kid"))}
	if err := j.ForVerifying(); err != nil {
		return k, err //nolint:wrapcheck // as above
	}
	switch j.Text("kty") {
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

func (k *key) readEC(j jose.JWK) error {
	on, known := curves()[j.Text("crv")]
	if !known {
		return errors.New("crv is none of P-256, P-384, P-521")
	}
	alg := j.Text("alg")
	if alg == "ES521" && on.algorithm == "ES512" {
		// A slip that keys in use have, and RFC 7520's as they are passed on.
		alg = "ES512"
	}
	if err := k.settle(alg, on.algorithm); err != nil {
		return err
	}
	x, errX := j.Bytes("x")
	y, errY := j.Bytes("y")
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

func (k *key) readOKP(j jose.JWK) error {
	public, err := j.Ed25519()
	if err != nil {
		return err //nolint:wrapcheck // the set says which key
	}
	k.material, k.text = public, public
	return k.settle("", jose.EdDSA)
}

const (
	// shortestModulus is RFC 7518 section 3.3's; longestModulus bounds what one
	// verification costs.
	shortestModulus, longestModulus = 2048, 8192
)

func (k *key) readRSA(j jose.JWK) error {
	if err := k.settle(j.Text("alg"), "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"); err != nil {
		return err
	}
	modulus, errN := j.Bytes("n")
	exponent, errE := j.Bytes("e")
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

func (k *key) readSecret(j jose.JWK) error {
	if j.Text("alg") == "" {
		return errors.New("a shared secret without alg")
	}
	if err := k.settle(j.Text("alg"), "HS256", "HS384", "HS512"); err != nil {
		return err
	}
	secret, err := j.Bytes("k")
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
