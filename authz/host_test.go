package authz_test

import (
	"errors"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// Each spelling has one canonical form, or is refused (T-C21). Guards: the
// cases of ParseHost and withoutPort.
func TestParseHost(t *testing.T) {
	t.Parallel()
	for authority, want := range map[string]string{
		"HTTPBIN.foo": "httpbin.foo", "foo.": "foo", "foo:443": "foo", "foo.:443": "foo",
		"xn--bcher-kva.example": "xn--bcher-kva.example", "192.0.2.1:80": "192.0.2.1",
		"[2001:DB8::1]:443": "[2001:db8::1]", "[::1]": "[::1]",
		"": "", "foo@evil": "", "a,b": "", "a b": "", "foo:": "", "foo:+1": "", "foo:99999": "", "foo:80:80": "",
		".": "", "..": "", "foo..": "", "a..b": "", ".foo": "", "bücher.example": "", "foo/bar": "", "[::1": "",
		"[::1]x": "", "[fe80::1%25eth0]": "", "[192.0.2.1]": "", "foo\x00": "", "foo\r\n": "",
	} {
		got, err := authz.ParseHost(authority)
		if got != want || (want == "") != errors.Is(err, authz.ErrAmbiguous) {
			t.Errorf("%q: got %q, %v, want %q", authority, got, err, want)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	for _, seed := range []string{"Foo.example:443", "[::1]:80", "a@b", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authority string) {
		once, err := authz.ParseHost(authority)
		if err != nil {
			return
		}
		if twice, err := authz.ParseHost(once); err != nil || twice != once {
			t.Errorf("%q: canonical %q reads as %q, %v", authority, once, twice, err)
		}
	})
}
