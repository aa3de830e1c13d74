package basic

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest bounds what is decoded and hashed for a caller whom nobody knows yet.
const longest = 1024

// Errors do not repeat the text: it is a password.
var (
	errBase64 = errors.New("not standard base64 with its padding")
	errForm   = errors.New("not form-urlencoded (RFC 6749 section 2.3.1)")
)

// parse reads user-pass of RFC 7617 section 2. One pair of name and password has one
// spelling, unless both are form-urlencoded within it (RFC 6749 section 2.3.1).
func parse(text string, form bool) (name, password string, err error) {
	switch {
	case len(text) > longest:
		return "", "", fmt.Errorf("longer than %d bytes", longest)
	case strings.ContainsAny(text, "\r\n"): // which the decoder would leave out
		return "", "", errBase64
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return "", "", errBase64
	}
	name, password, split := strings.Cut(string(decoded), ":")
	if form {
		if name, password, err = unescape(name, password); err != nil {
			return "", "", err
		}
	}
	switch {
	case !split:
		return "", "", errors.New("no colon between name and password")
	case name == "" || password == "":
		return "", "", errors.New("no name or no password")
	case !utf8.ValidString(name) || !utf8.ValidString(password):
		return "", "", errors.New("not UTF-8")
	case strings.ContainsFunc(name+password, unicode.IsControl):
		return "", "", errors.New("a control character in it")
	default:
		return name, password, nil
	}
}

func unescape(name, password string) (string, string, error) {
	plainName, errName := url.QueryUnescape(name)
	plainPassword, errPassword := url.QueryUnescape(password)
	if errName != nil || errPassword != nil {
		return "", "", errForm
	}
	return plainName, plainPassword, nil
}
