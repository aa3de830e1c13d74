package verifier

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// Errors of server keys. Their messages name the key by its id.
var (
	// ErrMissingKey: tokens were made under a key that this process does not have.
	ErrMissingKey = errors.New("server key is missing")
	// ErrWrongKey: this process has another key by that id than tokens were made under.
	ErrWrongKey = errors.New("server key is a wrong one")
)

// errKey does not repeat the text, which is a secret.
var errKey = errors.New("a server key is 64 hex digits in lower case, as `openssl rand -hex 32` prints them")

// Key is a server key. It prints as its id and "[secret]".
type Key struct {
	ID     string
	secret authz.Secret
}

const (
	keySize      = 32
	longestKeyID = 32
	// One label a use, so that nothing which is made for one of them serves another.
	labelVerifier = "sallyport verifier v1\x00"
	labelCheck    = "sallyport server key v1\x00"
)

// NewKey reads a key by its id, 1 to 32 of a-z, 0-9 and "-", and the text of its
// file: 64 hex digits, with or without a line's end.
func NewKey(id, text string) (Key, error) {
	if !keyID(id) {
		return Key{}, errors.New("the id of a server key is 1 to 32 of a-z, 0-9 and -")
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	secret, err := hex.DecodeString(text)
	if err != nil || len(secret) != keySize || hex.EncodeToString(secret) != text {
		return Key{}, errKey
	}
	if strings.Count(text, text[:2]) == keySize {
		return Key{}, errors.New("a server key of one repeated byte is nobody's secret")
	}
	return Key{ID: id, secret: authz.NewSecret(string(secret))}, nil
}

// GenerateKey makes the text of a new key's file.
func GenerateKey() authz.Secret {
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // it never gives an error
	return authz.NewSecret(hex.EncodeToString(secret) + "\n")
}

func keyID(id string) bool {
	if id == "" || len(id) > longestKeyID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Record is what a store keeps of the key, by which the right one is told from a
// wrong one.
func (k Key) Record() authz.ServerKey {
	return authz.ServerKey{ID: k.ID, Check: hex.EncodeToString(k.mac(labelCheck, k.ID))}
}

func (k Key) mac(label, text string) []byte {
	h := hmac.New(sha256.New, []byte(k.secret.Reveal()))
	_, _ = h.Write([]byte(label))
	_, _ = h.Write([]byte(text))
	return h.Sum(nil)
}

// KeysCheck is how the keys that a process has compare with those of a store.
type KeysCheck struct {
	// Fresh are to be recorded yet.
	Fresh []authz.ServerKey
	// Missing are ids that are recorded and that the process does not have. That is
	// ErrMissingKey wherever a text is under one of them: see KeyOf.
	Missing []string
}

// CheckKeys compares the keys that a process has with those that a store recorded. Its
// error is ErrWrongKey.
func CheckKeys(held []Key, recorded []authz.ServerKey) (KeysCheck, error) {
	checks := map[string]string{}
	for _, key := range recorded {
		checks[key.ID] = key.Check
	}
	var found KeysCheck
	for _, key := range held {
		record := key.Record()
		check, known := checks[key.ID]
		switch {
		case !known:
			found.Fresh = append(found.Fresh, record)
		case !hmac.Equal([]byte(check), []byte(record.Check)):
			return KeysCheck{}, fmt.Errorf("%w: %q", ErrWrongKey, key.ID)
		}
		delete(checks, key.ID)
	}
	for _, key := range recorded {
		if _, missing := checks[key.ID]; missing {
			found.Missing = append(found.Missing, key.ID)
		}
	}
	return found, nil
}

// KeyOf gives the id of the server key that a text is under, or "".
func KeyOf(text string) string {
	rest, keyed := strings.CutPrefix(text, keyedScheme)
	id, _, whole := strings.Cut(rest, "$")
	if !keyed || !whole {
		return ""
	}
	return id
}
