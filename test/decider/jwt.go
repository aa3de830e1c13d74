package decider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	random "math/rand/v2"
	"strings"
	"time"
)

// The issuer whose tokens are known.
const (
	jwtIssuer   = "https://id.test"
	jwtAudience = "https://api.test"
	// jwtFile holds its keys; whoever has them from elsewhere asks where nobody answers.
	jwtFile = "keys.json"
)

// jwts are ES256 tokens of one issuer. Which was revoked is one whose key was withdrawn,
// and unavailable are all where the keys cannot be had: Authenticator.Down.
type jwts struct {
	keys  []byte
	texts map[State][]subjectText
	// nowhere is a URL at which nobody answers.
	nowhere string
}

// subjectText is a credential that was made ahead.
type subjectText struct{ text, subject string }

func newJWTs(now time.Time, nowhere string) (*jwts, error) {
	known, err := newSigner("k1")
	if err != nil {
		return nil, err
	}
	withdrawn, err := newSigner("k0")
	if err != nil {
		return nil, err
	}
	j := &jwts{keys: known.published(), texts: map[State][]subjectText{}, nowhere: nowhere}
	for _, subject := range []string{"jwt-ann", "jwt-bob"} {
		for state, made := range map[State]struct {
			by  signer
			exp time.Time
		}{
			Valid: {known, now.Add(24 * time.Hour)}, Expired: {known, now.Add(-time.Hour)}, Revoked: {withdrawn, now.Add(24 * time.Hour)},
		} {
			text, err := made.by.sign("JWT", map[string]any{"iss": jwtIssuer, "aud": jwtAudience, "sub": subject, "exp": made.exp.Unix()})
			if err != nil {
				return nil, err
			}
			j.texts[state] = append(j.texts[state], subjectText{text, subject})
		}
	}
	j.texts[Unavailable] = j.texts[Valid]
	j.texts[Malformed] = []subjectText{{"e30.e30.", ""}, {".e30.e30", ""}, {"e30.e~30.e30", ""}}
	return j, nil
}

// kind is what others see of them.
func (j *jwts) kind() Kind { return Kind{j.settings, j.make, noJWT} }

func (j *jwts) settings(a *Authenticator) string {
	from := "jwks_file: 'file:" + jwtFile + "'"
	if a.Down {
		from = "jwks_url: '" + j.nowhere + "'"
	}
	return fmt.Sprintf("jwt: {issuer: %q, audiences: [%q], header: %s, %s}", jwtIssuer, jwtAudience, a.Carrier.Name, from)
}

func (j *jwts) make(state State, r *random.Rand) (text string, of Credential, err error) {
	made := j.texts[state]
	if len(made) == 0 {
		return "", Credential{}, errState(KindJWT, state)
	}
	c := one(r, made)
	if state == Unavailable {
		state = Valid // where the issuer's keys are at hand
	}
	return c.text, Credential{State: state, Subject: c.subject}, nil
}

// noJWT tells of what is not three segments of base64url's alphabet, of which the first
// and the last are not empty.
func noJWT(text string) bool {
	return strings.HasPrefix(text, ".") || strings.HasSuffix(text, ".") || strings.Trim(text, ".-_"+alphanumeric) != ""
}

// signer signs ES256 (RFC 7518 section 3.4).
type signer struct {
	id  string
	key *ecdsa.PrivateKey
}

func newSigner(id string) (signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signer{}, fmt.Errorf("make a key: %w", err)
	}
	return signer{id, key}, nil
}

func (s signer) sign(typ string, claims map[string]any) (string, error) {
	header, errHeader := json.Marshal(map[string]string{"alg": "ES256", "kid": s.id, "typ": typ})
	payload, err := json.Marshal(claims)
	if err != nil || errHeader != nil {
		return "", fmt.Errorf("write a token: %w", err)
	}
	encoding := base64.RawURLEncoding
	signed := encoding.EncodeToString(header) + "." + encoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(signed))
	one, two, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	const half = 32
	signature := append(one.FillBytes(make([]byte, half)), two.FillBytes(make([]byte, half))...)
	return signed + "." + encoding.EncodeToString(signature), nil
}

// published is a JSON Web Key Set (RFC 7517) of the one key.
func (s signer) published() []byte {
	const half = 32
	point, _ := s.key.PublicKey.Bytes() // 4, x, y; its curve is known
	encoding := base64.RawURLEncoding
	return fmt.Appendf(nil, `{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":%q,"x":%q,"y":%q}]}`,
		s.id, encoding.EncodeToString(point[1:1+half]), encoding.EncodeToString(point[1+half:]))
}
