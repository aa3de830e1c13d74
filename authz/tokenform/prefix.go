package tokenform

import (
	"errors"
	"strings"
)

// errPrefix does not repeat the text: it may be the beginning of a secret.
var errPrefix = errors.New(`a prefix is 2 to 16 letters a to z and "_", as in "pfy_"`)

const (
	shortestPrefix = 2
	longestPrefix  = 16
)

// CheckPrefix tells whether a prefix could stand before a token.
func CheckPrefix(prefix string) error {
	letters, ended := strings.CutSuffix(prefix, "_")
	if !ended || len(letters) < shortestPrefix || len(letters) > longestPrefix {
		return errPrefix
	}
	for i := range len(letters) {
		if letters[i] < 'a' || letters[i] > 'z' {
			return errPrefix
		}
	}
	return nil
}

// cutPrefix splits a text behind its first "_".
func cutPrefix(text string) (prefix, rest string, err error) {
	end := strings.IndexByte(text, '_') + 1
	if err := CheckPrefix(text[:end]); err != nil {
		return "", "", err
	}
	return text[:end], text[end:], nil
}
