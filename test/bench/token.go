package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What every token says.
const (
	issuer     = "https://id.shop.example"
	audience   = "https://api.shop.example"
	keyID      = "bench-1"
	tokenBytes = 900
	tokenLife  = 24 * time.Hour
)

// caller is one that Sallyport knows.
type caller struct{ subject, token string }

// signer is the issuer: it signs ES256 (RFC 7518 section 3.4).
type signer struct{ key *ecdsa.PrivateKey }

func newSigner() (signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signer{}, fmt.Errorf("make a key: %w", err)
	}
	return signer{key}, nil
}

// callers gives everybody a token of their own.
func (s signer) callers() ([]caller, error) {
	all := make([]caller, callers)
	for i := range all {
		subject := "user-" + strconv.Itoa(i)
		token, err := s.token(subject, time.Now())
		if err != nil {
			return nil, err
		}
		all[i] = caller{subject, token}
	}
	return all, nil
}

// token is of the length that those of real issuers have: a claim fills it up.
func (s signer) token(subject string, now time.Time) (string, error) {
	header := encode(fmt.Appendf(nil, `{"alg":"ES256","kid":%q,"typ":"at+jwt"}`, keyID))
	claims := fmt.Sprintf(`{"iss":%q,"aud":%q,"sub":%q,"tenant":"acme","scope":"orders:read","iat":%d,"exp":%d,"jti":%q,"session":"`,
		issuer, audience, subject, now.Unix(), now.Add(tokenLife).Unix(), rand.Text())
	const end, signatureBytes = `"}`, 64
	room := base64.RawURLEncoding.DecodedLen(tokenBytes - len(header) - len("..") - base64.RawURLEncoding.EncodedLen(signatureBytes))
	claims += strings.Repeat(rand.Text(), room/len(rand.Text())+1)[:room-len(claims)-len(end)] + end
	signed := header + "." + encode([]byte(claims))
	digest := sha256.Sum256([]byte(signed))
	r, t, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	signature := make([]byte, signatureBytes)
	r.FillBytes(signature[:signatureBytes/2])
	t.FillBytes(signature[signatureBytes/2:])
	token := signed + "." + encode(signature)
	if len(token) != tokenBytes {
		return "", fmt.Errorf("a token of %d bytes, want %d", len(token), tokenBytes)
	}
	return token, nil
}

// keySet is the issuer's JSON Web Key Set (RFC 7517).
func (s signer) keySet() ([]byte, error) {
	point, err := s.key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encode the key: %w", err)
	}
	point = point[1:] // 4 stands before both coordinates
	set, err := json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": keyID,
		"x": encode(point[:len(point)/2]), "y": encode(point[len(point)/2:]),
	}}})
	if err != nil {
		return nil, fmt.Errorf("encode the key set: %w", err)
	}
	return set, nil
}

func encode(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }
