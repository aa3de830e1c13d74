package authz_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// TestParseHost is T-C21: every spelling of a host is the canonical one, or 400.
func TestParseHost(t *testing.T) {
	cases := map[string]string{ // "" is ErrAmbiguous
		"foo": "foo", "HTTPBIN.foo": "httpbin.foo", "foo.": "foo", "foo:443": "foo", "FOO.:443": "foo", "foo:0": "foo",
		"a-b.c_d.e": "a-b.c_d.e", "xn--bcher-kva.example": "xn--bcher-kva.example", "127.0.0.1:80": "127.0.0.1",
		"[::1]": "[::1]", "[::1]:80": "[::1]", "[0:0:0:0:0:0:0:1]": "[::1]", "[2001:DB8::A]:1": "[2001:db8::a]",
		"": "", ".": "", "foo..": "", "..": "", ".foo": "", "a..b": "", ":80": "", "foo:": "", "foo:x": "", "foo:-1": "", "foo:+1": "",
		"foo:65536": "", "foo:1:2": "", "foo.:443.": "", "foo@evil": "", "user:pw@h:1": "", "a,b": "", "a.example,b.example": "", "a b": "", " a": "",
		"a\t": "", "a\x00": "", "a\n": "", "a/b": "", "a?b": "", "a#b": "", "a%2eb": "", "a\\b": "", "bücher.example": "", "a\xff": "", "ａ": "",
		"::1": "", "[::1": "", "::1]": "", "[]": "", "[foo]": "", "[1.2.3.4]": "", "[::1]x": "", "[::1].": "", "[[::1]]": "", "[fe80::1%25eth0]": "", "[fe80::1%eth0]": "",
		strings.Repeat("a", 255): strings.Repeat("a", 255), strings.Repeat("a", 256): "",
	}
	for authority, want := range cases {
		got, err := authz.ParseHost(authority)
		if got != want || (want == "") != errors.Is(err, authz.ErrAmbiguous) {
			t.Errorf("%q: got %q, %v; want %q", authority, got, err, want)
		}
	}
}

// FuzzParseHost: what comes out is canonical: lower case, without what two
// parsers read in two ways, and its own canonical form.
func FuzzParseHost(f *testing.F) {
	for _, seed := range []string{"HTTPBIN.foo", "foo.", "foo:443", "foo@evil", "a,b", "[::1]:80", "[fe80::1%25a]", "", "::ffff:1.2.3.4", "[::ffff:1.2.3.4]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authority string) {
		host, err := authz.ParseHost(authority)
		if err != nil {
			if host != "" || !errors.Is(err, authz.ErrAmbiguous) {
				t.Errorf("%q: %q beside %v", authority, host, err)
			}
			return
		}
		if again, err := authz.ParseHost(host + ".:443"); !strings.HasPrefix(host, "[") && (again != host || err != nil) {
			t.Errorf("%q with dot and port: %q, %v", host, again, err)
		}
		if again, err := authz.ParseHost(host); again != host || err != nil {
			t.Errorf("%q: canonical form %q has another, %q (%v)", authority, host, again, err)
		}
		if host != strings.ToLower(host) || strings.ContainsAny(host, "@,/\\?#% \t\r\n\x00") || strings.HasSuffix(host, ".") || host == "" {
			t.Errorf("%q: %q is not canonical", authority, host)
		}
	})
}
