package introspection

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// Basic is the Authorization of a client with a secret: both are form-urlencoded
// first (RFC 6749 section 2.3.1).
func Basic(id string, secret authz.Secret) (authz.Secret, error) {
	if id == "" || secret.Reveal() == "" {
		return authz.Secret{}, errors.New("a client has an id and a secret")
	}
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret.Reveal())
	return authz.NewSecret("Basic " + base64.StdEncoding.EncodeToString([]byte(pair))), nil
}

// Bearer is the Authorization of whoever has a token for the endpoint.
func Bearer(token authz.Secret) (authz.Secret, error) {
	if !isToken(token.Reveal()) {
		return authz.Secret{}, errors.New("it is no bearer token (RFC 6750 section 2.1)")
	}
	return authz.NewSecret("Bearer " + token.Reveal()), nil
}

// isToken is b64token of RFC 6750 section 2.1.
func isToken(text string) bool {
	text = strings.TrimRight(text, "=")
	for i := range len(text) {
		b := text[i]
		if !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-._~+/", b) >= 0) {
			return false
		}
	}
	return text != ""
}
