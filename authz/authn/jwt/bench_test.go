package jwt_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// interleaved runs two things in turns of a few hundred, so that a busy machine
// is busy for both, and reports what the first costs and what it is of the second.
func interleaved(b *testing.B, name string, one, floor func()) {
	b.Helper()
	const turn = 100
	var took, least time.Duration
	for i := 0; b.Loop(); i++ {
		begun := time.Now()
		for range turn {
			one()
		}
		took += time.Since(begun)
		begun = time.Now()
		for range turn {
			floor()
		}
		least += time.Since(begun)
	}
	each := float64(b.N) * turn
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took.Nanoseconds())/each, "ns/token")
	b.ReportMetric(float64(least.Nanoseconds())/each, "ns/ES256")
	b.ReportMetric(took.Seconds()/least.Seconds(), name)
}

// floorOf is what the standard library needs for the same signature: the hash
// and the verification, with r and s at hand.
func floorOf(b *testing.B, s *signer, token string) func() {
	b.Helper()
	signed, last := token[:strings.LastIndexByte(token, '.')], token[strings.LastIndexByte(token, '.')+1:]
	signature, err := base64.RawURLEncoding.DecodeString(last)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		digest := sha256.Sum256([]byte(signed))
		r, sig := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		if !ecdsa.Verify(&s.ec.PublicKey, digest[:], r, sig) {
			b.Fatal("the floor does not verify")
		}
	}
}

// large is a token of about 900 bytes, as in the bench of the whole program.
func (s *signer) large(t testing.TB) string {
	t.Helper()
	return s.token(t, es256(), with(good(), "groups", strings.Repeat("group-of-ann ", 26)))
}

// BenchmarkES256 is a token's whole way beside its signature alone.
func BenchmarkES256(b *testing.B) {
	s := newSigner(b)
	a := authenticator(b, settings(jwt.NewStatic("file", s.published(b))))
	for name, token := range map[string]string{"small": s.ann(b), "large": s.large(b)} {
		credential := authz.Credential{Value: authz.NewSecret(token)}
		b.Run(name, func(b *testing.B) {
			interleaved(b, "token/ES256", func() {
				if _, _, err := a.Authenticate(b.Context(), credential); err != nil {
					b.Fatal(err)
				}
			}, floorOf(b, s, token))
		})
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	s := newSigner(b)
	a := authenticator(b, settings(jwt.NewStatic("file", s.published(b))))
	credential := authz.Credential{Value: authz.NewSecret(s.large(b))}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := a.Authenticate(b.Context(), credential); err != nil {
			b.Fatal(err)
		}
	}
}
