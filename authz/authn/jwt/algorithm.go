package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // the other hashes of the algorithms below
	"math/big"
	"slices"
)

// algorithm is one of RFC 7518 section 3.1 or RFC 8037 section 3.1.
type algorithm struct {
	name string
	hash crypto.Hash
	// curve is for ECDSA, size its bytes of r and of s.
	curve string
	size  int
}

// algorithms is the closed list. "none" is not in it.
func algorithms() []algorithm {
	return []algorithm{
		{name: "ES256", hash: crypto.SHA256, curve: "P-256", size: 32},
		{name: "ES384", hash: crypto.SHA384, curve: "P-384", size: 48},
		{name: "ES512", hash: crypto.SHA512, curve: "P-521", size: 66},
		{name: "EdDSA", curve: "Ed25519"},
		{name: "PS256", hash: crypto.SHA256},
		{name: "PS384", hash: crypto.SHA384},
		{name: "PS512", hash: crypto.SHA512},
		{name: "RS256", hash: crypto.SHA256},
		{name: "RS384", hash: crypto.SHA384},
		{name: "RS512", hash: crypto.SHA512},
		{name: "HS256", hash: crypto.SHA256},
		{name: "HS384", hash: crypto.SHA384},
		{name: "HS512", hash: crypto.SHA512},
	}
}

// Asymmetric are the algorithms that are accepted unless others are named.
func Asymmetric() []string {
	var names []string
	for _, a := range algorithms() {
		if !a.symmetric() {
			names = append(names, a.name)
		}
	}
	return names
}

// Known reports an algorithm of this room, Symmetric one whose key is a secret
// that both sides share.
func Known(name string) bool { _, ok := named(name); return ok }

// Symmetric is described at Known.
func Symmetric(name string) bool { a, ok := named(name); return ok && a.symmetric() }

func named(name string) (algorithm, bool) {
	all := algorithms()
	i := slices.IndexFunc(all, func(a algorithm) bool { return a.name == name })
	if i < 0 {
		return algorithm{}, false
	}
	return all[i], true
}

func (a algorithm) symmetric() bool { return a.name[:2] == "HS" }

// digest hashes what was signed. The most common hash copies nothing of it.
func (a algorithm) digest(signed string) []byte {
	if a.hash == crypto.SHA256 {
		sum := sha256.Sum256([]byte(signed))
		return sum[:]
	}
	h := a.hash.New()
	_, _ = h.Write([]byte(signed))
	return h.Sum(nil)
}

// verify reports whether the key, which was made for this algorithm, signed it.
// Its default is that it did not.
func (a algorithm) verify(key any, signed string, signature []byte) bool {
	switch public := key.(type) {
	case *ecdsa.PublicKey:
		return a.verifyECDSA(public, signed, signature)
	case ed25519.PublicKey:
		return ed25519.Verify(public, []byte(signed), signature)
	case *rsa.PublicKey:
		return a.verifyRSA(public, signed, signature)
	case []byte:
		mac := hmac.New(a.hash.New, public)
		_, _ = mac.Write([]byte(signed))
		return hmac.Equal(mac.Sum(nil), signature)
	default:
		return false
	}
}

// verifyECDSA takes r and s as two numbers of the curve's length (RFC 7518
// section 3.4); a signature of any other length is another spelling.
func (a algorithm) verifyECDSA(public *ecdsa.PublicKey, signed string, signature []byte) bool {
	if len(signature) != 2*a.size {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:a.size]), new(big.Int).SetBytes(signature[a.size:])
	return ecdsa.Verify(public, a.digest(signed), r, s)
}

// verifyRSA holds PSS to a salt of the hash's length (RFC 7518 section 3.5).
func (a algorithm) verifyRSA(public *rsa.PublicKey, signed string, signature []byte) bool {
	if a.name[:2] == "PS" {
		options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: a.hash}
		return rsa.VerifyPSS(public, a.hash, a.digest(signed), signature, options) == nil
	}
	return rsa.VerifyPKCS1v15(public, a.hash, a.digest(signed), signature) == nil
}
