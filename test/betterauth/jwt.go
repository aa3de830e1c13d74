package betterauth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"
)

// Life is how long an agent's JWT lives: the longest that is accepted.
const Life = 60 * time.Second

// Edit is how a JWT differs from what an agent sends: members replace those that it
// would have, and nil ones are left out.
type Edit struct{ Header, Claims map[string]any }

// signer has a key of its own.
type signer struct{ key ed25519.PrivateKey }

func newSigner(t *testing.T) signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	check(t, err)
	return signer{key}
}

// jwk is the public key (RFC 8037).
func (s signer) jwk() map[string]any {
	public, _ := s.key.Public().(ed25519.PublicKey)
	return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public)}
}

// thumbprint is the public key's (RFC 7638).
func (s signer) thumbprint() string {
	digest := sha256.Sum256(fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":%q}`, s.jwk()["x"]))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// sign makes a JWT of this type for Better Auth, issued now.
func (s signer) sign(t *testing.T, typ string, claims map[string]any, e Edit) string {
	t.Helper()
	now := time.Now()
	header := map[string]any{"alg": "EdDSA", "typ": typ}
	all := map[string]any{"aud": URL, "iat": now.Unix(), "exp": now.Add(Life).Unix(), "jti": rand.Text()}
	maps.Copy(all, claims)
	text := encoded(t, edited(header, e.Header)) + "." + encoded(t, edited(all, e.Claims))
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.key, []byte(text)))
}

func encoded(t *testing.T, part map[string]any) string {
	t.Helper()
	text, err := json.Marshal(part)
	check(t, err)
	return base64.RawURLEncoding.EncodeToString(text)
}

func edited(members, changes map[string]any) map[string]any {
	maps.Copy(members, changes)
	maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil })
	return members
}
