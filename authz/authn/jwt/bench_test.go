package jwt_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// interleaved runs two things in short turns and reports the lower quartiles of
// what a turn costs, so that a busy machine is busy for both and counts little:
// what the first costs, what the second does, and what the first is of the second.
func interleaved(b *testing.B, name string, one, floor func()) {
	b.Helper()
	const turn = 10
	var ones, floors []time.Duration
	for b.Loop() {
		ones, floors = append(ones, timed(turn, one)), append(floors, timed(turn, floor))
	}
	slices.Sort(ones)
	slices.Sort(floors)
	took, least := ones[len(ones)/4], floors[len(floors)/4]
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took.Nanoseconds())/turn, "ns/token")
	b.ReportMetric(float64(least.Nanoseconds())/turn, "ns/ES256")
	b.ReportMetric(took.Seconds()/least.Seconds(), name)
}

func timed(times int, run func()) time.Duration {
	begun := time.Now()
	for range times {
		run()
	}
	return time.Since(begun)
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

// BenchmarkBad is what a token costs that no key has to be asked about: at most a
// twentieth of one verification (T-C3). The last two are for comparison: only the
// key tells that they are bad, so they cost what a good one does.
func BenchmarkBad(b *testing.B) {
	s := newSigner(b)
	a := authenticator(b, settings(jwt.NewStatic("file", s.published(b))))
	large := s.large(b)
	floor := floorOf(b, s, large)
	head, rest, _ := strings.Cut(large, ".")
	for _, row := range []struct{ name, token string }{
		{"garbage", strings.Repeat("Zm9vYmFyYmF6", 75)},
		{"dots", strings.Repeat(".", 8000)},
		{"three segments", "Zm9v." + strings.Repeat("Zm9vYmFyYmF6", 75) + ".YmFy"},
		{"padded", large + "="},
		{"alg none", s.token(b, object{"alg": "none"}, good())},
		{"alg unknown", s.token(b, object{"alg": "XS256", "kid": ecKey}, good())},
		{"typ", s.token(b, with(es256(), "typ", "logout+jwt"), good())},
		{"kid unknown", s.token(b, with(es256(), "kid", "other"), good())},
		{"kid long", s.token(b, with(es256(), "kid", strings.Repeat("k", 4000)), good())},
		{"embedded key", s.token(b, with(es256(), "jwk", s.ecJWK()), good())},
		{"deep", encode([]byte(strings.Repeat(`{"a":`, 1000)+"1"+strings.Repeat("}", 1000))) + ".e30.AA"},
		{"members", encode([]byte("{"+strings.Repeat(`"a":1,`, 900)+`"b":1}`)) + ".e30.AA"},
		{"no signature", head + "." + strings.Split(rest, ".")[0] + ".AA"},
		{"expired", s.token(b, es256(), with(good(), "exp", 1))},
		{"signature", large[:len(large)-8] + "AAAAAAAA"},
	} {
		attributes := &authz.Attributes{Request: &authz.Request{}}
		present(attributes, row.token)
		b.Run(row.name, func(b *testing.B) {
			interleaved(b, "bad/ES256", func() {
				credential, err := a.Extract(attributes)
				if err == nil {
					_, _, err = a.Authenticate(b.Context(), credential)
				}
				if err == nil {
					b.Fatal("a bad token was accepted")
				}
			}, floor)
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
