package jwt

import "errors"

// VerifyJWS verifies a compact JWS of any payload with a set: what is left of a
// token when it is no JWT.
func VerifyJWS(text string, set *Set) error {
	token, err := parse(text, MostBytes)
	if err != nil {
		return err
	}
	k, found := set.find(token.header.keyID, token.header.algorithm)
	if !found {
		return errors.New("no key")
	}
	if !k.algorithm.verify(k.material, token.signed, token.signature) {
		return errors.New("signature")
	}
	return nil
}
