package verifier_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// BenchmarkBadToken is what a wrong secret behind a known id costs (T-C3): to be
// read beside BenchmarkES256, of which it is at most a twentieth.
func BenchmarkBadToken(b *testing.B) {
	v := made(b, settings(b))
	text := v.Seal(authz.NewSecret("mbz_1a2b3c4d_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"))
	a := attempt(text, "1a2b3c4d", "mbz_1a2b3c4d_10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")
	b.ReportAllocs()
	for b.Loop() {
		if proof, err := v.Verify(b.Context(), a); err != nil || proof.OK {
			b.Fatal("a wrong token was accepted")
		}
	}
}

// BenchmarkRemembered is what a password costs after its first use.
func BenchmarkRemembered(b *testing.B) {
	v := made(b, settings(b))
	a := attempt(password(b, v, "right"), "alice", "right")
	b.ReportAllocs()
	for b.Loop() {
		if !verify(b, v, a) {
			b.Fatal("the right password was refused")
		}
	}
}

// BenchmarkPassword is one slow hash at full rounds.
func BenchmarkPassword(b *testing.B) {
	s := settings(b)
	s.Rounds = 0
	v := made(b, s)
	for b.Loop() {
		verify(b, v, attempt("", "nobody", "wrong"))
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
