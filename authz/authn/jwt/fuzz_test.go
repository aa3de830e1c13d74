package jwt_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// mutate edits a text by a script of three bytes an edit: what, where, with which.
func mutate(text string, script []byte) string {
	for ; len(script) >= 3 && text != ""; script = script[3:] {
		at, by := int(script[1])*len(text)/256, string(script[2:3])
		switch script[0] % 6 {
		case 0:
			text = text[:at] + by + text[at+1:]
		case 1:
			text = text[:at] + by + text[at:]
		case 2:
			text = text[:at] + text[at+1:]
		case 3:
			text = text[:at] + text[at:] + text[at:min(len(text), at+int(script[2]))]
		case 4:
			text = text[at:] + text[:at]
		default:
			text = text[:at] + string(text[at]^(1<<(script[2]%8))) + text[at+1:]
		}
	}
	return text
}

// FuzzMutant: what is not the token that was signed is none, however near.
func FuzzMutant(f *testing.F) {
	s := newSigner(f)
	public := authenticator(f, settings(jwt.NewStatic("file", s.published(f))))
	conf := settings(jwt.NewStatic("file", setOf(f, s.macJWK())))
	conf.Algorithms = []string{"HS256"}
	valid := []struct {
		*jwt.Authenticator
		token string
	}{
		{public, s.ann(f)},
		{public, s.token(f, object{"alg": "EdDSA", "kid": edKey}, good())},
		{public, s.token(f, object{"alg": "RS256", "kid": rsaKey}, good())},
		{authenticator(f, conf), s.token(f, object{"alg": "HS256", "kid": macKey}, good())},
	}
	for i := range valid {
		f.Add(uint8(i), []byte{0, 255, 'A'})
		f.Add(uint8(i), []byte{1, 255, '='})
		f.Add(uint8(i), []byte{5, 40, 0, 5, 200, 1})
		f.Add(uint8(i), []byte{3, 128, 255})
	}
	f.Fuzz(func(t *testing.T, which uint8, script []byte) {
		v := valid[int(which)%len(valid)]
		mutant := mutate(v.token, script)
		_, _, err := v.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(mutant)})
		if mutant == v.token {
			if err != nil {
				t.Errorf("the token itself: %v", err)
			}
		} else if !errors.Is(err, authz.ErrRejected) {
			t.Errorf("%q for %q: got %v", mutant, v.token, err)
		}
	})
}

// FuzzParseSet: whatever is installed has fit keys only (T-C11).
func FuzzParseSet(f *testing.F) {
	s := newSigner(f)
	for _, keys := range [][]object{
		{s.ecJWK()},
		{s.rsaJWK(), s.edJWK()},
		{s.macJWK()},
		{s.ecJWK(), s.macJWK()},
		{s.ecJWK(), s.ecJWK(), s.edJWK()},
		{with(s.rsaJWK(), "e", "Aw"), with(s.edJWK(), "alg", "Ed25519"), with(s.ecJWK(), "use", nil)},
	} {
		f.Add(asJSON(f, object{"keys": keys}))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, secrets := range []bool{false, true} {
			set, err := jwt.ParseSet(text, secrets)
			if err != nil {
				continue
			}
			if set.Len() == 0 || set.Len() > 256 {
				t.Errorf("%d keys", set.Len())
			}
			ids, shared := map[string]bool{}, 0
			for _, key := range set.All() {
				if ids[key.ID] && key.ID != "" || !fit(key) {
					t.Errorf("%+v", key)
				}
				ids[key.ID] = true
				if _, isSecret := key.Material.([]byte); isSecret {
					shared++
				}
			}
			if shared != 0 && (!secrets || shared != set.Len()) {
				t.Errorf("%d shared secrets among %d keys", shared, set.Len())
			}
		}
	})
}

// fit looks at what a key is made of, in other words than those that made it.
func fit(key jwt.Key) bool {
	switch m := key.Material.(type) {
	case *ecdsa.PublicKey:
		_, err := m.ECDH() // it refuses what is no point
		return err == nil && map[string]int{"ES256": 256, "ES384": 384, "ES512": 521}[key.Algorithm] == m.Params().BitSize
	case ed25519.PublicKey:
		return key.Algorithm == "EdDSA" && len(m) == 32 && !forgeable(m)
	case *rsa.PublicKey:
		bits := m.N.BitLen()
		return strings.Contains("RS256 RS384 RS512 PS256 PS384 PS512", key.Algorithm) && bits >= 2048 && bits <= 8192 && m.N.Bit(0) == 1 && m.E >= 3 && m.E%2 == 1
	case []byte:
		least := map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}[key.Algorithm]
		return least > 0 && len(m) >= least
	default:
		return false
	}
}

// forgeable finds a text that verifies with a signature made of no secret: R is
// the neutral point and S is 0, which fits whenever the hash is a multiple of the
// key's order.
func forgeable(key ed25519.PublicKey) bool {
	signature := make([]byte, ed25519.SignatureSize)
	signature[0] = 1
	for i := range 200 {
		if ed25519.Verify(key, []byte{byte(i)}, signature) {
			return true
		}
	}
	return false
}
