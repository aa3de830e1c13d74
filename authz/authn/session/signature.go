package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	shortestToken = 16
	longestToken  = 256
	// signatureLength is that of 32 bytes in base64 with padding.
	signatureLength = 44
)

// parse gives the one spelling of token.signature, which may be as it is or as encodeURIComponent
// writes it, in quotes or not: of its characters "+", "/" and "=" are escaped, all of the
// signature.
func parse(value string) (string, error) {
	value = unquoted(value)
	if len(value) > longestToken+1+3*signatureLength {
		return "", fmt.Errorf("%w: longer than a signed token", authz.ErrMalformed)
	}
	token, signature, _ := strings.Cut(value, ".")
	signature = unescaped(signature)
	switch {
	case len(token) < shortestToken || len(token) > longestToken || !only(token, "-_"):
		return "", fmt.Errorf("%w: no session's token", authz.ErrMalformed)
	case len(signature) != signatureLength || signature[signatureLength-1] != '=' || !only(signature[:signatureLength-1], "+/"):
		return "", fmt.Errorf("%w: no signature of 32 bytes in base64", authz.ErrMalformed)
	default:
		return token + "." + signature, nil
	}
}

// unquoted takes the quotes off that RFC 6265 section 4.1.1 allows around a value.
func unquoted(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}

func unescaped(signature string) string {
	if !strings.Contains(signature, "%") {
		return signature
	}
	for _, escape := range [...][2]string{{"%2B", "+"}, {"%2F", "/"}, {"%3D", "="}, {"%2b", "+"}, {"%2f", "/"}, {"%3d", "="}} {
		signature = strings.ReplaceAll(signature, escape[0], escape[1])
	}
	return signature
}

// only reports that a text has letters, digits and the bytes of others alone.
func only(text, others string) bool {
	for i := range len(text) {
		b := text[i]
		if !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte(others, b) >= 0) {
			return false
		}
	}
	return true
}

// verified gives the token of what parse gave, and whether one of the secrets signed
// it. Texts are compared, so that no signature has two spellings, all of them, and in
// constant time.
func (s signed) verified(text string) (string, bool) {
	token, signature, _ := strings.Cut(text, ".")
	good := false
	for _, secret := range s.settings.Secrets {
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		_, _ = mac.Write([]byte(token))
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		good = hmac.Equal([]byte(signature), []byte(want)) || good
	}
	return token, good
}
