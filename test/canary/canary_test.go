package canary_test

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/canary"
)

// TestFind: each way in which a secret may be written is found, wherever it
// stands, and a text without one is not taken for one. Guards: each form.
func TestFind(t *testing.T) {
	secret := canary.New("a header")
	v := secret.Value
	quoted := fmt.Sprintf(`{"a":%q}`, v)
	for name, text := range map[string]string{
		"plain": v, "beginning": v[:9], "end": v[len(v)-9:], "middle": v[8:22], "upper case": strings.ToUpper(v), "lower case": strings.ToLower(v),
		"JSON": quoted, "bearer": "Bearer " + v, "query": "/?token=" + url.QueryEscape(v) + "&a=b", "Go's %q": fmt.Sprintf("%q", v),
		"bytes": fmt.Sprint([]byte(v)), "reversed": turn(v),
		"hex": hex.EncodeToString([]byte(v)), "upper hex": strings.ToUpper(hex.EncodeToString([]byte("x" + v))),
		"percent": percent(v), "escapes": escapes(v),
		"base64": base64.StdEncoding.EncodeToString([]byte(v)), "base64 of a pair": base64.StdEncoding.EncodeToString([]byte("user:" + v)),
		"base64 of one more": base64.StdEncoding.EncodeToString([]byte("users:" + v)), "base64 of two more": base64.URLEncoding.EncodeToString([]byte("userss:" + v)),
		"base64 of a part": base64.RawURLEncoding.EncodeToString([]byte(v[:9])),
	} {
		t.Run(name, func(t *testing.T) {
			found := canary.Find(strings.Repeat("some text ", 100)+text+" and more", canary.New("elsewhere"), secret)
			if len(found) != 1 || found[0].Place != "a header" {
				t.Errorf("found %v in %s", found, text)
			}
		})
	}
	for name, text := range map[string]string{
		"nothing": "", "another one": canary.New("b").Value, "too little": v[:8], "digest": base32.StdEncoding.EncodeToString([]byte(turn(v))[:4]),
	} {
		if found := canary.Find(text, secret); len(found) != 0 {
			t.Errorf("%s: found %v", name, found)
		}
	}
	whole := canary.Secret{Place: "words", Value: "made up by somebody", Whole: true}
	if found := canary.Find("somebody made up by some", whole); len(found) != 0 {
		t.Errorf("parts of words were found: %v", found)
	}
	if found := canary.Find("it was made up by somebody", whole); len(found) != 1 {
		t.Errorf("found %v, want the words", found)
	}
	if found := canary.Find("a short text", canary.Secret{Place: "short", Value: "short"}); len(found) != 0 {
		t.Errorf("a value that is no secret was found: %v", found)
	}
}

func turn(text string) string {
	var b strings.Builder
	for i := len(text) - 1; i >= 0; i-- {
		b.WriteByte(text[i])
	}
	return b.String()
}

func percent(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func escapes(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, `\u%04X`, c)
	}
	return b.String()
}
