package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
)

// signer is an issuer with one ES256 key.
type signer struct {
	id  string
	key *ecdsa.PrivateKey
}

func newSigner(t testing.TB, id string) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{id, key}
}

// published is the key set.
func (s signer) published(t testing.TB) []byte {
	t.Helper()
	point, err := s.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, `{"keys":[{"kty":"EC","crv":"P-256","kid":%q,"x":%q,"y":%q}]}`, s.id, segment(point[1:33]), segment(point[33:]))
}

func segment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token signs claims.
func (s signer) token(t testing.TB, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed := segment(fmt.Appendf(nil, `{"alg":"ES256","kid":%q}`, s.id)) + "." + segment(payload)
	digest := sha256.Sum256([]byte(signed))
	first, second, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	first.FillBytes(signature[:32])
	second.FillBytes(signature[32:])
	return signed + "." + segment(signature)
}
