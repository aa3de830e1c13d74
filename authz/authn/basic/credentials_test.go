package basic_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
)

// TestForm: RFC 7617 and nothing beside it. Guards: the cases of parse, each by the
// words in its row.
func TestForm(t *testing.T) {
	good := encode("admin:s3cret!") // YWRtaW46czNjcmV0IQ==
	for _, test := range []struct {
		name, value string
		want        error
		cause       string
	}{
		{"good", "Basic " + good, nil, ""},
		{"white space behind it is HTTP's", "Basic " + good + " \t", nil, ""},
		{"another scheme", "Bearer " + good, authz.ErrAbsent, ""},
		{"no scheme", good, authz.ErrAbsent, ""},
		{"scheme alone", "Basic", authz.ErrMalformed, ""},
		{"two spaces", "Basic  " + good, authz.ErrMalformed, "base64"},
		{"white space in it", "Basic " + good[:8] + " " + good[8:], authz.ErrMalformed, "base64"},
		{"a line end in it", "Basic " + good[:8] + "\n" + good[8:], authz.ErrMalformed, "base64"},
		{"no padding", "Basic " + strings.TrimRight(good, "="), authz.ErrMalformed, "base64"},
		{"stray bits", "Basic " + strings.Replace(good, "IQ==", "IR==", 1), authz.ErrMalformed, "base64"},
		{"the other alphabet", "Basic " + base64.URLEncoding.EncodeToString([]byte("admin:\u00ff\u00ff~~~")), authz.ErrMalformed, "base64"},
		{"not encoded", "Basic admin:s3cret", authz.ErrMalformed, "base64"},
		{"no colon", "Basic " + encode("admin"), authz.ErrMalformed, "no colon"},
		{"no name", "Basic " + encode(":s3cret"), authz.ErrMalformed, "no name"},
		{"no password", "Basic " + encode("admin:"), authz.ErrMalformed, "no password"},
		{"Latin-1", "Basic " + encode("caf\xe9:s3cret"), authz.ErrMalformed, "UTF-8"},
		{"a control character in the name", "Basic " + encode("ad\x7fmin:s3cret"), authz.ErrMalformed, "control"},
		{"one in the password", "Basic " + encode("admin:s3\ncret"), authz.ErrMalformed, "control"},
		{"one beyond ASCII", "Basic " + encode("admin:s3\u0085cret"), authz.ErrMalformed, "control"},
		{"too long", "Basic " + encode("admin:"+strings.Repeat("p", 780)), authz.ErrMalformed, "longer"},
		{"as long as may be", "Basic " + encode("admin:"+strings.Repeat("p", 762)), nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			credential, err := newScene(t).Extract(carrying(test.value))
			if !errors.Is(err, test.want) || err != nil && !strings.Contains(err.Error(), test.cause) {
				t.Errorf("got %v, want %v with the cause %q", err, test.want, test.cause)
			}
			if err == nil && credential.Name != "admin" {
				t.Errorf("got the name %q", credential.Name)
			}
		})
	}
}

// TestFormEncoded (H12): clients of OAuth encode both parts first (RFC 6749 section
// 2.3.1). Guards: unescape, and that the checks come behind it.
func TestFormEncoded(t *testing.T) {
	for _, test := range []struct {
		pair, name, password string
		cause                string
	}{
		{"app:s3cret", "app", "s3cret", ""},
		{"my%3Aapp:s%3Ac%25%2B+t", "my:app", "s:c%+ t", ""},
		{"app:s:c", "app", "s:c", ""},
		{"caf%C3%A9:p", "café", "p", ""},
		{"app:50%", "", "", "form-urlencoded"},
		{"app:%zz", "", "", "form-urlencoded"},
		{"%:p", "", "", "form-urlencoded"},
		{"app:%0A", "", "", "control"},
		{"app:%FF", "", "", "UTF-8"},
		{":p", "", "", "no name"},
		{"app%3Ap", "", "", "no colon"},
	} {
		s := newScene(t)
		a, err := basic.New(basic.Settings{Kinds: []authz.PrincipalKind{authz.Client}, FormEncoded: true, Store: s.store, Verifier: s.verifier})
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Extract(carrying("Basic " + encode(test.pair)))
		if errors.Is(err, authz.ErrMalformed) != (test.cause != "") || err != nil && !strings.Contains(err.Error(), test.cause) {
			t.Errorf("%s: got %v, want the cause %q", test.pair, err, test.cause)
		}
		if got.Name != test.name || got.Value.Reveal() != test.password {
			t.Errorf("%s: got %q, %q", test.pair, got.Name, got.Value.Reveal())
		}
	}
}

// TestRows: what the rows of the requirements ask of this room. A row that asks others
// too is named in words, so that it does not pass for met.
func TestRows(t *testing.T) {
	ends := func(t *testing.T, userPass string, want error) authz.Caller {
		t.Helper()
		caller, _, err := newScene(t).ask(t, "Basic "+encode(userPass))
		if !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", userPass, err, want)
		}
		return caller
	}
	t.Run("administrator of M03", func(t *testing.T) {
		if caller := ends(t, "admin:s3cret", nil); caller.Role != "admin" {
			t.Errorf("got %+v, want the administrator", caller)
		}
		ends(t, "admin:bad", authz.ErrRejected)
	})
	t.Run("G05", func(t *testing.T) { ends(t, "bearer:mu_machine1_secret", authz.ErrRejected) })
	t.Run("machine of G26", func(t *testing.T) {
		if caller := ends(t, "svc1:pw1:with:colons", nil); caller.Tenant != "t1" {
			t.Errorf("got %+v, want the machine's tenant", caller)
		}
		ends(t, "svc1:pw2", authz.ErrRejected)
		ends(t, "unknown:pw2", authz.ErrRejected)
	})
	t.Run("G27", func(t *testing.T) {
		ends(t, "svc1:pw1:with:colons", nil)
		ends(t, "café:pässwörd", nil)
		if _, _, err := newScene(t).ask(t, "Basic svc1:pw1"); !errors.Is(err, authz.ErrMalformed) {
			t.Errorf("bad base64: got %v", err)
		}
	})
}

// FuzzBasic: whatever the header holds, Extract gives one of its outcomes, asks
// nobody, and what it takes is encoded again to the same text.
func FuzzBasic(f *testing.F) {
	for _, seed := range []string{
		"", "Basic", "Basic ", "Basic YWRtaW46czNjcmV0", "basic YTpiOmM=", "Basic YTpi=", "Basic YTp=", "Basic YQ==", "Basic Og==",
		"Basic YTpi\r\n", "Basic  YTpi", "Basic YTpi,YTpi", "Bearer YTpi", "Basic YTr/", "Basic YToA", "Basic !",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, value string, joined bool) {
		s := newScene(t)
		attributes := carrying(value)
		attributes.Request.Headers.Joined = joined
		c, err := s.Extract(attributes)
		password := c.Value.Reveal()
		switch {
		case s.store.asked.Load() != 0 || s.verifier.hashes.Load() != 0:
			t.Error("Extract asked")
		case err != nil:
			if c.Name != "" || password != "" || !errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrMalformed) {
				t.Errorf("got %q beside %v, want absent or malformed alone", c.Name, err)
			}
		case !strings.HasSuffix(strings.TrimRight(value, " \t"), " "+encode(c.Name+":"+password)):
			t.Errorf("%q is also %q", value, c.Name+":"+password)
		case c.Name == "" || password == "" || strings.Contains(c.Name, ":") || !utf8.ValidString(c.Name+password) ||
			strings.ContainsFunc(c.Name+password, unicode.IsControl) || len(c.Name+password) > 768:
			t.Errorf("got %q and %q", c.Name, password)
		}
	})
}
