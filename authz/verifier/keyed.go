package verifier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

const keyedScheme = "$hmac-sha256$k="

// keyring holds the server keys; the first makes new texts. It is immutable.
type keyring []Key

func newKeyring(keys []Key) (keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("verifier: no server key")
	}
	seen := map[string]bool{}
	for _, key := range keys {
		if key.ID == "" || seen[key.ID] {
			return nil, fmt.Errorf("verifier: server key %q is empty or there twice", key.ID)
		}
		seen[key.ID] = true
	}
	return append(keyring(nil), keys...), nil
}

// seal makes the text of a random secret.
func (k keyring) seal(secret string) string {
	return keyedScheme + k[0].ID + "$" + base64.RawStdEncoding.EncodeToString(k[0].mac(labelVerifier, secret))
}

// read reads what stands behind keyedScheme. A key that is not there is no bad
// secret: nobody can tell.
func (k keyring) read(text string) (reading, error) {
	id, encoded, _ := strings.Cut(text, "$")
	want, err := bytes(encoded, sha256.Size, sha256.Size)
	if err != nil || !keyID(id) {
		return reading{}, errText
	}
	for i, key := range k {
		if key.ID == id {
			return reading{outdated: i > 0, fits: func(secret string) bool {
				return hmac.Equal(key.mac(labelVerifier, secret), want)
			}}, nil
		}
	}
	return reading{}, fmt.Errorf("%w: %q", ErrMissingKey, id)
}

// Seal makes the text of a random secret of at least 128 bits. What people choose
// needs Password.
func (v *Verifier) Seal(secret authz.Secret) string { return v.keys.seal(secret.Reveal()) }
