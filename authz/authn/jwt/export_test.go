package jwt

import (
	"errors"

	"github.com/sallyport-authz/sallyport/authz/jose"
)

// Key is one key of a set, as it verifies.
type Key struct {
	ID, Algorithm string
	Material      any
}

// All gives the keys that can be used.
func (s *Set) All() []Key {
	var all []Key
	for _, k := range s.keys {
		all = append(all, Key{k.id, k.algorithm.name, k.material})
	}
	return all
}

// VerifyJWS verifies a compact JWS of any payload with a set: what is left of a
// token when it is no JWT.
func VerifyJWS(text string, set *Set) error {
	token, err := jose.Parse(text, MostBytes)
	if err != nil {
		return err
	}
	k, found := set.find(token.Header.KeyID, token.Header.Algorithm)
	if !found {
		return errors.New("no key")
	}
	if !k.algorithm.verify(k.material, token.Signed, token.Signature) {
		return errors.New("signature")
	}
	return nil
}
