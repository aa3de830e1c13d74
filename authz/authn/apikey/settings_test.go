package apikey_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
)

// TestNewRefuses: settings that would know the wrong caller, or none, or take a
// header off the request that is no credential. Each row names in want what its
// own guard in settings.go says.
func TestNewRefuses(t *testing.T) {
	one := apikey.Digest("pk_one")
	some := []apikey.Key{{ID: "k1", Digest: one}}
	calling := func(c authz.Caller) []apikey.Key { return []apikey.Key{{ID: "k1", Digest: one, Caller: c}} }
	for _, test := range []struct {
		name     string
		settings apikey.Settings
		want     string
	}{
		{"no keys", apikey.Settings{}, "no keys"},
		{"id twice", apikey.Settings{Keys: []apikey.Key{{ID: "k1", Digest: one}, {ID: "k1", Digest: apikey.Digest("pk_two")}}}, "stands twice"},
		{"digest twice", apikey.Settings{Keys: []apikey.Key{{ID: "k1", Digest: one}, {ID: "k2", Digest: one}}}, "has the digest of"},
		{"no id", apikey.Settings{Keys: []apikey.Key{{Digest: one}}}, "id \"\""},
		{"id with a line break", apikey.Settings{Keys: []apikey.Key{{ID: "k\r\n1", Digest: one}}}, "visible"},
		{"no digest", apikey.Settings{Keys: []apikey.Key{{ID: "k1"}}}, "no digest"},
		{"digest of the empty key", apikey.Settings{Keys: []apikey.Key{{ID: "k1", Digest: apikey.Digest("")}}}, "no digest"},
		{"subject with a line break", apikey.Settings{Keys: calling(authz.Caller{Subject: "a\nb"})}, "no header can hold"},
		{"tenant that is not UTF-8", apikey.Settings{Keys: calling(authz.Caller{Tenant: "\xff"})}, "no header can hold"},
		{"scope with a space", apikey.Settings{Keys: calling(authz.Caller{Scopes: []string{"a b"}})}, "scope"},
		{"empty scope", apikey.Settings{Keys: calling(authz.Caller{Scopes: []string{""}})}, "scope"},
		{"pseudo header", apikey.Settings{Header: ":path", Keys: some}, "no field name"},
		{"name with a space", apikey.Settings{Header: "x api", Keys: some}, "no field name"},
		{"framing header", apikey.Settings{Header: "Content-Length", Keys: some}, "cannot carry"},
		{"host", apikey.Settings{Header: "host", Keys: some}, "cannot carry"},
		{"cookie", apikey.Settings{Header: "Cookie", Keys: some}, "cannot carry"},
		{"identity header", apikey.Settings{Header: "X-Authz-Subject", Keys: some}, "cannot carry"},
		{"proxy's header", apikey.Settings{Header: "x-envoy-peer", Keys: some}, "cannot carry"},
		{"prefix with a space", apikey.Settings{Prefix: "pk ", Keys: some}, "prefix"},
		{"prefix with a comma", apikey.Settings{Prefix: "pk,", Keys: some}, "prefix"},
		{"prefix beyond ASCII", apikey.Settings{Prefix: "pk_ä", Keys: some}, "prefix"},
		{"prefix with what stands for lost bytes", apikey.Settings{Prefix: "pk!", Keys: some}, "prefix"},
		{"prefix that leaves no room", apikey.Settings{Prefix: strings.Repeat("p", 1024), Keys: some}, "prefix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, err := apikey.New(test.settings, now)
			if err == nil || a != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

// TestNewRefusesNoClock: without one, a key that ends would panic when used.
func TestNewRefusesNoClock(t *testing.T) {
	if a, err := apikey.New(apikey.Settings{Keys: keys()}, nil); err == nil || a != nil {
		t.Errorf("got %v, %v, want an error", a, err)
	}
}

// TestParseDigest: two written forms, one spelling of each. Without Strict in
// ParseDigest the row with stray bits is green for two texts.
func TestParseDigest(t *testing.T) {
	want := apikey.Digest("pk_one")
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
			got, err := apikey.ParseDigest(test.text)
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
