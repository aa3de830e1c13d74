package jwt_test

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// TestConfusion is T-C5: no form of a public key is a secret, also where secrets
// are accepted and the key has no alg of its own.
func TestConfusion(t *testing.T) {
	s := newSigner(t)
	ec := with(s.ecJWK(), "alg", nil)
	conf := settings(jwt.NewStatic("file", setOf(t, ec, s.rsaJWK())))
	conf.Algorithms = append(jwt.Asymmetric(), "HS256")
	a := authenticator(t, conf)
	der, err := x509.MarshalPKIXPublicKey(&s.ec.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	rsaDER := x509.MarshalPKCS1PublicKey(&s.rsa.PublicKey)
	point, _ := s.ec.PublicKey.Bytes()
	for name, secret := range map[string][]byte{
		"PEM":           pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		"DER":           der,
		"JWK":           asJSON(t, ec),
		"point":         point,
		"coordinate":    point[1:33],
		"RSA PEM":       pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: rsaDER}),
		"RSA DER":       rsaDER,
		"RSA modulus":   s.rsa.N.Bytes(),
		"nothing":       nil,
		"the key's kid": []byte(ecKey),
	} {
		t.Run("T-C5/"+name, func(t *testing.T) {
			forger := &signer{mac: secret}
			for _, head := range []object{{"alg": "HS256"}, {"alg": "HS256", "kid": ecKey}, {"alg": "HS256", "kid": rsaKey}} {
				if _, _, err := ask(t.Context(), a, forger.token(t, head, good())); endingOf(err) != rejected {
					t.Errorf("%v: got %v", head, err)
				}
			}
		})
	}
}

// TestNothingInTheHeaderIsFollowed is T-C6 and T-C7: whatever a header points at,
// keys come from the configured place alone, and no oftener.
func TestNothingInTheHeaderIsFollowed(t *testing.T) {
	s, evil := newSigner(t), newSigner(t)
	head := func(name string, value any) string { return evil.token(t, with(es256(), name, value), good()) }
	for name, token := range map[string]string{
		"T-C6/jwk": head("jwk", evil.ecJWK()),
		"T-C6/jku": head("jku", "https://evil.example.com/jwks"),
		"T-C6/x5u": head("x5u", "https://evil.example.com/x"),
		"T-C6/x5c": head("x5c", []string{"MIIB"}),
		"T-C7/kid": evil.lasting(t, "https://evil.example.com/jwks#1"),
	} {
		t.Run(name, func(t *testing.T) {
			play(t, s, keys(t, s.ecJWK()), func(s *scene) {
				time.Sleep(minInterval)
				s.want(token, rejected)
				for _, url := range s.at.urls {
					if url != jwksURL {
						s.Errorf("asked for %q", url)
					}
				}
			})
		})
	}
}

// nobodyAsks is a source that must not be.
type nobodyAsks struct{ testing.TB }

func (n nobodyAsks) Keys(context.Context, string, string) (*jwt.Set, authz.Basis, error) {
	n.Error("a key was asked for")
	return nil, authz.Basis{}, errors.New("no keys")
}

// TestBeforeAnyKey: what is no token for us is refused before its issuer, or any
// fetch, hears of it.
func TestBeforeAnyKey(t *testing.T) {
	s := newSigner(t)
	for name, head := range map[string]object{
		"alg none": {"alg": "none"}, "alg not accepted": {"alg": "HS256"}, "no alg": {"kid": ecKey}, "typ": with(es256(), "typ", "id+jwt"),
		"kid long": with(es256(), "kid", strings.Repeat("k", 257)), "jwk": with(es256(), "jwk", s.ecJWK()), "crit": with(es256(), "crit", []string{"b64"}),
	} {
		t.Run("T-C8/"+name, func(t *testing.T) {
			if _, _, err := ask(t.Context(), authenticator(t, settings(nobodyAsks{t})), s.token(t, head, good())); endingOf(err) != rejected {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestTenants is T-C15: of ten issuers that give their keys the same ids, each
// knows its own tokens alone, whatever these say of themselves.
func TestTenants(t *testing.T) {
	var signers [10]*signer
	var issuers [10]string
	for i := range signers {
		signers[i], issuers[i] = newSigner(t), fmt.Sprintf("%s/%d", issuer, i)
	}
	for i, name := range issuers {
		t.Run(fmt.Sprint("T-C15/", i), func(t *testing.T) {
			conf := settings(jwt.NewStatic("file", setOf(t, signers[i].ecJWK())))
			conf.Issuer = name
			a := authenticator(t, conf)
			for j, s := range signers {
				for k, claimed := range issuers {
					_, _, err := ask(t.Context(), a, s.token(t, es256(), with(good(), "iss", claimed)))
					if (err == nil) != (i == j && i == k) {
						t.Errorf("key %d, iss %d: got %v", j, k, err)
					}
				}
			}
		})
	}
}

// TestLargeTokens is T-C17 and T-C18: what is no compact token of 8 KiB costs no
// memory that its sender can choose.
func TestLargeTokens(t *testing.T) {
	s := newSigner(t)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	parts := strings.Split(s.ann(t), ".")
	for name, token := range map[string]string{
		"T-C17/dots":                 strings.Repeat(".", 1<<20),
		"T-C17/a megabyte":           strings.Repeat("a", 1<<20) + ".b.c",
		"T-C17/four segments":        s.ann(t) + ".AA",
		"T-C17/JWE":                  s.token(t, object{"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 1 << 31}, object{}) + ".AA.AA",
		"T-C17/p2c":                  s.token(t, object{"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 1 << 31}, object{}),
		"T-C17/zip":                  s.token(t, with(es256(), "zip", "DEF"), good()),
		"T-C17/a byte too many":      s.token(t, es256(), with(good(), "x", strings.Repeat("x", 6000))),
		"T-C18/flattened":            string(asJSON(t, object{"protected": parts[0], "payload": parts[1], "signature": parts[2]})),
		"T-C18/general":              string(asJSON(t, object{"payload": parts[1], "signatures": []object{{"protected": parts[0], "signature": parts[2]}}})),
		"T-C18/detached":             parts[0] + ".." + parts[2],
		"T-C18/padded":               parts[0] + "." + parts[1] + "=." + parts[2],
		"T-C18/the other alphabet":   parts[0] + "." + parts[1] + "." + strings.NewReplacer("-", "+", "_", "/").Replace(parts[2]) + "/",
		"T-C18/escaped":              strings.Replace(s.ann(t), ".", "%2E", 1),
		"T-C18/a space within":       parts[0] + ". " + parts[1] + "." + parts[2],
		"T-C18/in quotation marks":   `"` + s.ann(t) + `"`,
		"T-C18/scheme of another":    "Bearer " + s.ann(t),
		"T-C18/line end in a header": parts[0] + "\r\n." + parts[1] + "." + parts[2],
	} {
		t.Run(name, func(t *testing.T) {
			attributes := authntest.Full()
			present(attributes, token)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			credential, err := a.Extract(attributes)
			if err == nil {
				_, _, err = a.Authenticate(t.Context(), credential)
			}
			runtime.ReadMemStats(&after)
			if err == nil || endingOf(err) == cannotTell && !errors.Is(err, authz.ErrMalformed) {
				t.Errorf("got %v", err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<18 {
				t.Errorf("%d bytes", grown)
			}
		})
	}
}

// TestLineEnds: Go's decoder skips them, so that a token could be spelled with
// some, if ever one came here without Extract.
func TestLineEnds(t *testing.T) {
	s := newSigner(t)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	token := s.ann(t)
	for _, at := range append(ends(token), 1, len(token)) {
		for _, end := range []string{"\n", "\r", "\r\n"} {
			credential := authz.Credential{Value: authz.NewSecret(token[:at] + end + token[at:])}
			if _, _, err := a.Authenticate(t.Context(), credential); endingOf(err) != rejected {
				t.Errorf("%q at %d: got %v", end, at, err)
			}
		}
	}
}

// TestSignatureLength is T-C19: r and s have the curve's length, and no other
// spelling of the two numbers is a signature (RFC 7518 section 3.4).
func TestSignatureLength(t *testing.T) {
	s := newSigner(t)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	token := s.ann(t)
	last := strings.LastIndexByte(token, '.') + 1
	signature, err := base64.RawURLEncoding.DecodeString(token[last:])
	if err != nil {
		t.Fatal(err)
	}
	r, sig := signature[:32], signature[32:]
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r), new(big.Int).SetBytes(sig)})
	if err != nil {
		t.Fatal(err)
	}
	for name, spelled := range map[string][]byte{
		"a zero before s": slices.Concat(r, []byte{0}, sig), "a zero before both": slices.Concat([]byte{0}, r, []byte{0}, sig), "a byte behind": slices.Concat(signature, []byte{0}),
		"DER": der, "r alone": r, "a byte": {0}, "zeros": make([]byte, 64), "twice": slices.Concat(signature, signature),
	} {
		t.Run("T-C19/"+name, func(t *testing.T) {
			if _, _, err := ask(t.Context(), a, token[:last]+encode(spelled)); endingOf(err) != rejected {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestTypes is T-C14's other side: what is taken, in which spellings.
func TestTypes(t *testing.T) {
	s := newSigner(t)
	conf := settings(jwt.NewStatic("file", s.published(t)))
	own := conf
	own.Types = []string{"application/Acme+JWT"}
	for _, row := range []struct {
		conf jwt.Settings
		typ  any
		want ending
	}{
		{conf, nil, known},
		{conf, "JWT", known},
		{conf, "jwt", known},
		{conf, "application/JWT", known},
		{conf, "at+jwt", known},
		{conf, "Application/AT+JWT", known},
		{conf, "acme+jwt", rejected},
		{conf, "text/jwt", rejected},
		{conf, "application/none", rejected},
		{own, "acme+jwt", known},
		{own, "application/ACME+jwt", known},
		{own, "JWT", rejected},
		{own, nil, rejected},
	} {
		t.Run(fmt.Sprint("T-C14/", row.typ), func(t *testing.T) {
			head := with(es256(), "typ", row.typ)
			if _, _, err := ask(t.Context(), authenticator(t, row.conf), s.token(t, head, good())); endingOf(err) != row.want {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}
