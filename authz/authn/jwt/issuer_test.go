package jwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

const (
	issuer   = "https://id.example.com"
	audience = "https://api.example.com"
	ecKey    = "ec-1"
	rsaKey   = "rsa-1"
	edKey    = "ed-1"
	macKey   = "mac-1"
)

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

// signer signs as an issuer does, and as an attacker would like it to.
type signer struct {
	ec  *ecdsa.PrivateKey
	rsa *rsa.PrivateKey
	ed  ed25519.PrivateKey
	mac []byte
}

// rsaOnce is every signer's RSA key: to make one takes longer than most tests.
var rsaOnce = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newSigner(t testing.TB) *signer {
	t.Helper()
	s := &signer{mac: make([]byte, 32)}
	var errs [4]error
	s.ec, errs[0] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.rsa, errs[1] = rsaOnce()
	_, s.ed, errs[2] = ed25519.GenerateKey(rand.Reader)
	_, errs[3] = rand.Read(s.mac)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func encode(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

type object = map[string]any

func (s *signer) ecJWK() object {
	point, _ := s.ec.PublicKey.Bytes()
	return object{"kty": "EC", "crv": "P-256", "kid": ecKey, "use": "sig", "alg": "ES256", "x": encode(point[1:33]), "y": encode(point[33:])}
}

func (s *signer) rsaJWK() object {
	return object{"kty": "RSA", "kid": rsaKey, "n": encode(s.rsa.N.Bytes()), "e": encode(big.NewInt(int64(s.rsa.E)).Bytes())}
}

func (s *signer) edJWK() object {
	public, _ := s.ed.Public().(ed25519.PublicKey)
	return object{"kty": "OKP", "crv": "Ed25519", "kid": edKey, "x": encode(public)}
}

func (s *signer) macJWK() object {
	return object{"kty": "oct", "kid": macKey, "alg": "HS256", "k": encode(s.mac)}
}

func setOf(t testing.TB, keys ...object) *jwt.Set {
	t.Helper()
	set, err := jwt.ParseSet(asJSON(t, object{"keys": keys}), true)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// published are the three public keys.
func (s *signer) published(t testing.TB) *jwt.Set {
	t.Helper()
	return setOf(t, s.ecJWK(), s.rsaJWK(), s.edJWK())
}

// good is what a token of this issuer says.
func good() object {
	return object{
		"iss": issuer, "aud": audience, "sub": "ann", "exp": noon().Add(time.Hour).Unix(), "iat": noon().Unix(),
		"jti": "t-1", "scope": "read write", "org": object{"id": "acme"}, "role": "owner",
	}
}

func with(from object, name string, value any) object {
	changed := maps.Clone(from)
	if value == nil {
		delete(changed, name)
	} else {
		changed[name] = value
	}
	return changed
}

// token signs header and claims by the header's alg.
func (s *signer) token(t testing.TB, head, claims object) string {
	t.Helper()
	return s.sign(t, asJSON(t, head), asJSON(t, claims), head["alg"])
}

func (s *signer) sign(t testing.TB, head, claims []byte, alg any) string {
	t.Helper()
	signed := encode(head) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	var signature []byte
	var err error
	switch alg {
	case "ES256":
		var r, sig *big.Int
		r, sig, err = ecdsa.Sign(rand.Reader, s.ec, digest[:])
		signature = append(r.FillBytes(make([]byte, 32)), sig.FillBytes(make([]byte, 32))...)
	case "RS256":
		signature, err = rsa.SignPKCS1v15(rand.Reader, s.rsa, crypto.SHA256, digest[:])
	case "PS256":
		signature, err = rsa.SignPSS(rand.Reader, s.rsa, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case "EdDSA":
		signature = ed25519.Sign(s.ed, []byte(signed))
	case "HS256":
		mac := hmac.New(sha256.New, s.mac)
		_, _ = mac.Write([]byte(signed))
		signature = mac.Sum(nil)
	default:
		signature = []byte("none")
	}
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

func es256() object { return object{"alg": "ES256", "kid": ecKey, "typ": "JWT"} }

// ann is a good token.
func (s *signer) ann(t testing.TB) string { t.Helper(); return s.token(t, es256(), good()) }

func settings(source jwt.Source) jwt.Settings {
	return jwt.Settings{
		Issuer: issuer, Audiences: []string{audience}, Skew: time.Minute, Keys: source, Now: noon,
		Claims: claimset.Names{Tenant: "org.id", Role: "role"},
	}
}

func authenticator(t testing.TB, s jwt.Settings) *jwt.Authenticator {
	t.Helper()
	a, err := jwt.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// flip changes the character at i into each of the others of the alphabet.
func flip(text string, i int) []string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var all []string
	for _, c := range alphabet {
		if other := text[:i] + string(c) + text[i+1:]; other != text {
			all = append(all, other)
		}
	}
	return all
}

// ends are where the segments of a token end.
func ends(token string) []int {
	first := strings.IndexByte(token, '.')
	return []int{first - 1, strings.LastIndexByte(token, '.') - 1, len(token) - 1}
}
