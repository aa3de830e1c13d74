package keylist_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// TestParseDigest: two written forms, one spelling of each. Without Strict in
// ParseDigest the row with stray bits is green for two texts.
func TestParseDigest(t *testing.T) {
	want := keylist.Digest("pk_one")
	text := base64.RawURLEncoding.EncodeToString(want[:])
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	stray := text[:42] + alphabet[strings.IndexByte(alphabet, text[42])+1:][:1]
	for _, test := range []struct {
		name, text string
		good       bool
	}{
		{"hex", hex.EncodeToString(want[:]), true},
		{"hex in capitals", strings.ToUpper(hex.EncodeToString(want[:])), true},
		{"base64url", text, true},
		{"empty", "", false},
		{"padded", text + "=", false},
		{"stray bits", stray, false},
		{"a line break in it", text[:42] + "\n", false},
		{"standard alphabet", strings.Repeat("+", 43), false},
		{"no hex", strings.Repeat("g", 64), false},
		{"short hex", strings.Repeat("a", 62), false},
		{"a key by mistake", "pk_one", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := keylist.ParseDigest(test.text)
			if (err == nil) != test.good {
				t.Fatalf("got %v, want good %t", err, test.good)
			}
			if test.good && got != want || !test.good && got != [32]byte{} {
				t.Errorf("got %x, want %x", got, want)
			}
			if err != nil && test.text != "" && strings.Contains(err.Error(), test.text) {
				t.Errorf("the error %q repeats the text", err)
			}
		})
	}
}
