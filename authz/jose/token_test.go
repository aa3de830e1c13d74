package jose_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/jose"
)

func encode(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

// FuzzToken: whatever is taken for a token is encoded again to the same text, so
// that no token has two spellings (T-C19), and has the form that is looked at first.
func FuzzToken(f *testing.F) {
	for _, text := range []string{
		encode([]byte(`{"alg":"ES256","kid":"1","typ":"JWT"}`)) + "." + encode([]byte(`{"sub":"ann"}`)) + "." + encode(make([]byte, 64)),
		"e30.e30.AA", "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "..", "e30..AB",
		"eyJhbGciOiJFUzI1NiJ9.e30.AB", "eyJhbGciOiJFUzI1NiJ9.e30.AAA", "eyJhbGciOiJFUzI1NiJ9..AA\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const longest = 8 << 10
		token, err := jose.Parse(text, longest)
		if err != nil {
			return
		}
		if err := jose.Form(text, longest); err != nil {
			t.Errorf("%q was parsed, and has no form: %v", text, err)
		}
		first, _, _ := strings.Cut(text, ".")
		head, err := base64.RawURLEncoding.DecodeString(first)
		if again := encode(head) + "." + encode(token.Payload) + "." + encode(token.Signature); err != nil || again != text {
			t.Errorf("%q is also %q", text, again)
		}
	})
}
