package apikey_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
)

// BenchmarkBadKey is what a key that nobody knows costs (T-C3): to be read
// beside BenchmarkES256, of which it is at most a twentieth.
func BenchmarkBadKey(b *testing.B) {
	a := newAuthenticator(b, apikey.Settings{})
	attributes := &authz.Attributes{Request: &authz.Request{Headers: authz.Headers{
		List: []authz.Header{{Name: "x-api-key", Value: "pk_0123456789abcdef0123456789abcdef"}},
	}}}
	b.ReportAllocs()
	for b.Loop() {
		credential, err := a.Extract(attributes)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := a.Authenticate(b.Context(), credential); err == nil {
			b.Fatal("an unknown key was accepted")
		}
	}
}

// BenchmarkES256 is one verification of a JWT's signature (RFC 7518 section 3.4).
func BenchmarkES256(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("header.payload"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			b.Fatal("the signature is not good")
		}
	}
}
