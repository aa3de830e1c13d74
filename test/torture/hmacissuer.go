package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"time"
)

// hmacIssuer signs JWTs with HS256: what is measured here is not the signature.
type hmacIssuer struct{ key [32]byte }

func newHMACIssuer(random *rand.Rand) hmacIssuer {
	var i hmacIssuer
	for at := range i.key {
		i.key[at] = byte(random.Uint32())
	}
	return i
}

// keySet is the JWK set (RFC 7517).
func (i hmacIssuer) keySet() string {
	return fmt.Sprintf(`{"keys":[{"kty":"oct","kid":"k","alg":"HS256","k":%q}]}`, base64.RawURLEncoding.EncodeToString(i.key[:]))
}

// token is valid for a day.
func (i hmacIssuer) token(subject string) string {
	now := time.Now().Unix()
	const day = 24 * 60 * 60
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT","kid":"k"}`)) + "." + encode(fmt.Appendf(nil,
		`{"iss":"https://issuer.test","aud":"torture","sub":%q,"iat":%d,"exp":%d,"scope":"read"}`, subject, now, now+day))
	h := hmac.New(sha256.New, i.key[:])
	_, _ = h.Write([]byte(signed))
	return signed + "." + encode(h.Sum(nil))
}
