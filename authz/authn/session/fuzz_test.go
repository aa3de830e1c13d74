package session_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/session"
)

// FuzzExtract: whatever the cookies are, Extract gives one of its outcomes and asks
// nobody; a credential is a signed token's one spelling, out of one cookie.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{
		"", plain + "=", plain + "=" + check, secure + "=" + escaped(check), plain + `="` + escaped(check) + `"`, plain + "=" + check + "; " + secure + "=" + check,
		"a=b;" + plain + " = " + check, plain + "=" + check[:33], plain + "=%", plain + "=" + check + "," + plain + "=x", plain, ";;=;", "\x00" + plain + "=" + check,
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	s := newScene(f)
	f.Fuzz(func(t *testing.T, cookies string, joined bool) {
		a := request(shop, cookies)
		a.Request.Headers.Joined = joined
		credential, err := s.Extract(a)
		text := credential.Value.Reveal()
		token, signature, _ := strings.Cut(text, ".")
		switch {
		case s.sessions.asked.Load() != 0:
			t.Error("Extract asked")
		case err != nil && (text != "" || credential.Name != "" || !errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrMalformed)):
			t.Errorf("got %q beside %v, want absent or malformed alone", text, err)
		case err != nil:
		case credential.Name != shop || len(token) < 16 || len(signature) != 44 || url.QueryEscape(token) != token:
			t.Errorf("got %q of %q", text, credential.Name)
		case !strings.Contains(strings.ToUpper(cookies), strings.ToUpper(token)) || !strings.Contains(cookies, "session_token"):
			t.Errorf("got %q out of %q", text, cookies)
		}
		again, err := s.Extract(request(shop, plain+"="+text))
		if text != "" && (err != nil || again.Value.Reveal() != text) {
			t.Errorf("%q is no spelling of itself: %v", text, err)
		}
	})
}

// FuzzAnswer: whatever an endpoint says, only a 200 that is an object with a subject in
// one line is a caller.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{whoami, "null", "{}", "[]", `{"identity":{"id":"x"}}`, strings.Replace(whoami, "u-ann", `\u0000`, 1), `{"identity":{"id":"x"},"expires_at":1772604367}`} {
		f.Add(200, []byte(seed))
	}
	f.Add(401, []byte(whoami))
	f.Add(500, []byte(whoami))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		caller, rejection, err := session.Judge(asking(&fake{}), status, body, today)
		if (caller.Subject != "") == (rejection != nil || err != nil) || rejection != nil && err != nil {
			t.Fatalf("got %+v beside %v, %v", caller, rejection, err)
		}
		if caller.Subject != "" && (status != 200 || body[len(body)-1] == 0 || strings.ContainsAny(caller.Subject, "\x00\r\n") || !today.Before(caller.Expires)) {
			t.Fatalf("%d %q is a caller %+v", status, body, caller)
		}
	})
}
