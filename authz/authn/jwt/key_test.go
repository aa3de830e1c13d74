package jwt_test

import (
	"crypto/elliptic"
	"math/big"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// TestUnfitKeys is T-C11 beyond what Wycheproof holds: a key that is weak, for
// another use, for two readings or not of its curve is left out.
func TestUnfitKeys(t *testing.T) {
	s := newSigner(t)
	ec, key, ed, mac := s.ecJWK(), s.rsaJWK(), s.edJWK(), s.macJWK()
	x, y := ec["x"].(string), ec["y"].(string)
	point, _ := s.ec.PublicKey.Bytes()
	number := func(n *big.Int) string { return encode(n.Bytes()) }
	even := new(big.Int).Sub(s.rsa.N, big.NewInt(1))
	huge := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 8192), big.NewInt(1))
	p := elliptic.P256().Params().P
	for name, one := range map[string]any{
		"no object":                 "key",
		"no kty":                    with(ec, "kty", nil),
		"kty unknown":               with(ec, "kty", "ec"),
		"kty a list":                with(ec, "kty", []string{"EC"}),
		"kid a number":              with(ec, "kid", 7),
		"kid long":                  with(ec, "kid", strings.Repeat("k", 257)),
		"alg a number":              with(ec, "alg", 7),
		"alg of another curve":      with(ec, "alg", "ES384"),
		"alg of another kty":        with(ec, "alg", "RS256"),
		"alg none":                  with(ec, "alg", "none"),
		"alg of ECDH":               with(ec, "alg", "ECDH-ES"),
		"use enc":                   with(ec, "use", "enc"),
		"use null":                  object{"kty": "EC", "crv": "P-256", "use": nil, "x": x, "y": y},
		"use a list":                with(ec, "use", []string{"sig"}),
		"key_ops sign":              with(ec, "key_ops", []string{"sign"}),
		"key_ops none":              with(ec, "key_ops", []string{}),
		"key_ops a text":            with(ec, "key_ops", "verify"),
		"private":                   with(ec, "d", encode([]byte("secret"))),
		"crv unknown":               with(ec, "crv", "secp256k1"),
		"crv missing":               with(ec, "crv", nil),
		"crv of another size":       with(with(ec, "crv", "P-384"), "alg", nil),
		"x missing":                 with(ec, "x", nil),
		"y missing":                 with(ec, "y", nil),
		"x padded":                  with(ec, "x", x+"="),
		"x with a line end":         with(ec, "x", x[:9]+"\n"+x[9:]),
		"x with another alphabet":   with(ec, "x", "++"+x[2:]),
		"x with a byte too many":    with(ec, "x", "AA"+x),
		"x and y cut elsewhere":     with(with(ec, "x", encode(point[1:34])), "y", encode(point[34:])),
		"RSA padded":                with(key, "n", number(new(big.Int).Sub(huge, big.NewInt(2)))+"="),
		"x and y swapped":           with(with(ec, "x", y), "y", x),
		"x and y zero":              with(with(ec, "x", encode(make([]byte, 32))), "y", encode(make([]byte, 32))),
		"x the field's prime":       with(ec, "x", number(p)),
		"RSA of 2047 bits":          with(key, "n", number(new(big.Int).Rsh(s.rsa.N, 1))),
		"RSA of 8193 bits":          with(key, "n", number(huge)),
		"RSA even":                  with(key, "n", number(even)),
		"RSA without n":             with(key, "n", nil),
		"RSA without e":             with(key, "e", nil),
		"RSA with n empty":          with(key, "n", ""),
		"RSA e 1":                   with(key, "e", "AQ"),
		"RSA e even":                with(key, "e", "BA"),
		"RSA e long":                with(key, "e", number(new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 32), big.NewInt(3)))),
		"RSA alg ES256":             with(key, "alg", "ES256"),
		"RSA alg HS256":             with(key, "alg", "HS256"),
		"RSA alg RSA-OAEP":          with(key, "alg", "RSA-OAEP"),
		"Ed25519 short":             with(ed, "x", encode(make([]byte, 31))),
		"Ed25519 missing":           with(ed, "x", nil),
		"Ed25519 alg ES256":         with(ed, "alg", "ES256"),
		"Ed448":                     with(ed, "crv", "Ed448"),
		"secret without alg":        with(mac, "alg", nil),
		"secret alg RS256":          with(mac, "alg", "RS256"),
		"secret of 31 bytes":        with(mac, "k", encode(make([]byte, 31))),
		"secret for HS384 of 32":    with(mac, "alg", "HS384"),
		"secret missing":            with(mac, "k", nil),
		"secret with a line end":    with(mac, "k", encode(s.mac)+"\n"),
		"secret padded":             with(mac, "k", encode(s.mac)+"="),
		"secret not for verifying":  with(mac, "use", "enc"),
		"secret a list":             with(mac, "k", []string{encode(s.mac)}),
		"coordinates of a list":     with(ec, "x", []string{x}),
		"crv a list":                with(ec, "crv", []string{"P-256"}),
		"numbers for a modulus":     with(key, "n", 65537),
		"RSA with a modulus of 0s":  with(key, "n", encode(make([]byte, 256))),
		"an id that is a line feed": with(ec, "y", "\n"),
	} {
		t.Run("T-C11/"+name, func(t *testing.T) {
			if set, err := jwt.ParseSet(asJSON(t, object{"keys": []any{one}}), true); err == nil {
				t.Errorf("taken: %d", set.Len())
			}
		})
	}
}

// TestFitKeys are spellings that issuers use, and limits that are still good.
func TestFitKeys(t *testing.T) {
	s := newSigner(t)
	largest := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 8192), big.NewInt(1))
	for name, one := range map[string]object{
		"alg Ed25519":         with(s.edJWK(), "alg", "Ed25519"),
		"alg EdDSA":           with(s.edJWK(), "alg", "EdDSA"),
		"several key_ops":     with(s.ecJWK(), "key_ops", []string{"sign", "verify"}),
		"members of its own":  with(s.ecJWK(), "x5c", []string{"MIIB"}),
		"RSA of 8192 bits":    with(s.rsaJWK(), "n", encode(largest.Bytes())),
		"RSA e 3":             with(s.rsaJWK(), "e", "Aw"),
		"RSA PS512":           with(s.rsaJWK(), "alg", "PS512"),
		"kid of 256 bytes":    with(s.ecJWK(), "kid", strings.Repeat("k", 256)),
		"without alg and use": with(with(s.ecJWK(), "alg", nil), "use", nil),
	} {
		if _, err := jwt.ParseSet(asJSON(t, object{"keys": []object{one}}), false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTwins: which of two keys an id means cannot be told, also where one of
// them is unfit. A key for another use is nobody's twin, nor are keys without id.
func TestTwins(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	for name, row := range map[string]struct {
		keys []object
		want int
	}{
		"both fit":         {[]object{s.ecJWK(), other.ecJWK(), s.edJWK()}, 1},
		"of two kinds":     {[]object{s.ecJWK(), with(s.rsaJWK(), "kid", ecKey), s.edJWK()}, 1},
		"one is weak":      {[]object{s.ecJWK(), with(with(s.rsaJWK(), "kid", ecKey), "e", "AQ"), s.edJWK()}, 1},
		"one encrypts":     {[]object{s.ecJWK(), with(other.ecJWK(), "use", "enc")}, 1},
		"one wraps":        {[]object{s.ecJWK(), with(other.ecJWK(), "key_ops", []string{"wrapKey"})}, 1},
		"both without kid": {[]object{with(s.ecJWK(), "kid", nil), with(other.ecJWK(), "kid", nil)}, 2},
	} {
		if set := setOf(t, row.keys...); set.Len() != row.want {
			t.Errorf("%s: %d keys, want %d (%v)", name, set.Len(), row.want, set.Unfit)
		}
	}
}

// TestWithoutKid: a token that names no key is its issuer's only key's for the
// alg, and nobody's where there are two.
func TestWithoutKid(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	token := s.token(t, object{"alg": "ES256"}, good())
	for name, row := range map[string]struct {
		keys []object
		want ending
	}{
		"the only key":         {[]object{s.ecJWK(), s.rsaJWK()}, known},
		"a key without kid":    {[]object{with(s.ecJWK(), "kid", nil), s.edJWK()}, known},
		"two for the alg":      {[]object{s.ecJWK(), with(other.ecJWK(), "kid", "ec-2")}, rejected},
		"two, the other first": {[]object{with(other.ecJWK(), "kid", "ec-2"), s.ecJWK()}, rejected},
		"two without kid":      {[]object{with(s.ecJWK(), "kid", nil), with(other.ecJWK(), "kid", nil)}, rejected},
		"none for the alg":     {[]object{s.rsaJWK()}, rejected},
		"the only one's other": {[]object{other.ecJWK()}, rejected},
	} {
		a := authenticator(t, settings(jwt.NewStatic("file", setOf(t, row.keys...))))
		if _, _, err := ask(t.Context(), a, token); endingOf(err) != row.want {
			t.Errorf("%s: got %v, want %v", name, err, row.want)
		}
	}
	a := authenticator(t, settings(jwt.NewStatic("file", setOf(t, with(s.ecJWK(), "kid", nil)))))
	if _, _, err := ask(t.Context(), a, s.ann(t)); endingOf(err) != rejected {
		t.Errorf("a kid, and a key without: got %v", err)
	}
}
