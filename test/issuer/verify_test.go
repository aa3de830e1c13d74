package issuer_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// jwk is a public key as the issuer publishes it.
type jwk struct {
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	X         string `json:"x"`
	Y         string `json:"y"`
	N         string `json:"n"`
	E         string `json:"e"`
}

// token is a decoded JWT.
type token struct {
	header, claims map[string]any
	signed         string
	signature      []byte
}

func parse(t *testing.T, text string) token {
	t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", text)
	}
	got := token{signed: parts[0] + "." + parts[1], signature: raw(t, parts[2])}
	for i, into := range []*map[string]any{&got.header, &got.claims} {
		if err := json.Unmarshal(raw(t, parts[i]), into); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// published are the keys of the set at the address, by name.
func published(t *testing.T, address string) map[string]jwk {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	keys := map[string]jwk{}
	for _, key := range set.Keys {
		keys[key.ID] = key
	}
	return keys
}

// verified reports whether the key made the signature.
func verified(t *testing.T, got token, key jwk) bool {
	t.Helper()
	digest := sha256.Sum256([]byte(got.signed))
	switch key.Algorithm {
	case "ES256":
		point := slices.Concat([]byte{4}, raw(t, key.X), raw(t, key.Y))
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			t.Fatal(err)
		}
		half := len(got.signature) / 2
		r, s := new(big.Int).SetBytes(got.signature[:half]), new(big.Int).SetBytes(got.signature[half:])
		return ecdsa.Verify(public, digest[:], r, s)
	case "RS256":
		public := &rsa.PublicKey{N: number(t, key.N), E: int(number(t, key.E).Int64())}
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], got.signature) == nil
	default:
		return false
	}
}

func number(t *testing.T, text string) *big.Int {
	t.Helper()
	return new(big.Int).SetBytes(raw(t, text))
}

func raw(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
