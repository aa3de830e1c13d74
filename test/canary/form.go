package canary

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// form is a text that gives a secret away.
type form struct {
	name, text string
	// folds means that upper and lower case are the same.
	folds bool
}

// forms are those of the beginning, the middle and the end of a secret: who cuts
// one short, in front or behind, still shows it.
func (s Secret) forms() []form {
	v := s.Value
	parts := []string{v[:shortest], v[len(v)/2-shortest/2:][:shortest], v[len(v)-shortest:]}
	if s.Whole {
		parts = []string{v}
	}
	var all []form
	for _, part := range parts {
		all = append(all, plain(part)...)
		all = append(all, base64s(part)...)
	}
	return all
}

func plain(part string) []form {
	escaped := func(pattern string) string {
		var b strings.Builder
		for _, c := range []byte(part) {
			fmt.Fprintf(&b, pattern, c)
		}
		return b.String()
	}
	return []form{
		{"plain", strings.ToLower(part), true},
		{"hex", hex.EncodeToString([]byte(part)), true},
		{"URL-encoded", escaped("%%%02x"), true},
		{"as escapes of JSON", escaped(`\u%04x`), true},
		{"as a list of numbers", strings.Trim(fmt.Sprint([]byte(part)), "[]"), true},
		{"reversed", strings.ToLower(reversed(part)), true},
	}
}

func reversed(text string) string {
	turned := []byte(text)
	slices.Reverse(turned)
	return string(turned)
}

// base64s are the characters that the part alone decides, wherever it stands
// among the bytes that are encoded: three alignments.
func base64s(part string) []form {
	var all []form
	for _, alphabet := range []struct {
		name string
		code *base64.Encoding
	}{{"base64", base64.RawStdEncoding}, {"base64url", base64.RawURLEncoding}} {
		for before, undecided := range []int{0, 2, 3} {
			padded := append(make([]byte, before), part...)
			whole := len(padded) / 3 * 3
			text := alphabet.code.EncodeToString(padded[:whole])[undecided:]
			all = append(all, form{fmt.Sprintf("%s at alignment %d", alphabet.name, before), text, false})
		}
	}
	return all
}
