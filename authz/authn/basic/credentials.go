package basic

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest bounds what is decoded and hashed for a caller whom nobody knows yet.
const longest = 1024

// errBase64 does not repeat the text: it is a password.
var errBase64 = errors.New("not standard base64 with its padding")

// parse reads user-pass of RFC 7617 section 2. One pair of name and password has one
// spelling.
func parse(text string) (name, password string, err error) {
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
	switch {
	case !split:
		return "", "", errors.New("no colon between name and password")
	case name == "" || password == "":
		return "", "", errors.New("no name or no password")
	case !utf8.Valid(decoded):
		return "", "", errors.New("not UTF-8")
	case strings.ContainsFunc(string(decoded), unicode.IsControl):
		return "", "", errors.New("a control character in it")
	default:
		return name, password, nil
	}
}
