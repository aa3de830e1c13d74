package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// callback is where the provider sends the browser back to; nobody serves it.
const callback = "https://app.test/callback"

// verifier is a code verifier of RFC 7636; one is as good as another here.
const verifier = "a-verifier-of-at-least-43-characters-which-is-enough"

// Login signs the person in through the provider's own pages, as a browser
// does, and gives the tokens for the audience: the access token is the person's,
// with the scope read, and the ID token is the client's.
func (i *Issuer) Login(ctx context.Context, person, audience string) (Tokens, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return Tokens{}, fmt.Errorf("make cookie jar: %w", err)
	}
	browser := &http.Client{Timeout: callLimit, Jar: jar, CheckRedirect: stopAtCallback}
	defer browser.CloseIdleConnections()
	resource := Order{Audience: audience}.resource()
	code, err := i.authorize(ctx, browser, person, resource)
	if err != nil {
		return Tokens{}, fmt.Errorf("sign in: %w", err)
	}
	return i.grant(ctx, "browser", url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"redirect_uri":  {callback},
		"code_verifier": {verifier},
		"resource":      {resource},
	})
}

func stopAtCallback(request *http.Request, _ []*http.Request) error {
	if strings.HasPrefix(request.URL.String(), callback) {
		return http.ErrUseLastResponse
	}
	return nil
}

// authorize goes from page to page: login, consent, and back with a code.
func (i *Issuer) authorize(ctx context.Context, browser *http.Client, person, resource string) (string, error) {
	challenge := sha256.Sum256([]byte(verifier))
	start := i.URL() + "/auth?" + url.Values{
		"client_id":             {"browser"},
		"response_type":         {"code"},
		"redirect_uri":          {callback},
		"scope":                 {"openid offline_access read"},
		"prompt":                {"consent"},
		"resource":              {resource},
		"code_challenge_method": {"S256"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}.Encode()
	page, err := visit(ctx, browser, start, nil)
	if err != nil {
		return "", err
	}
	for _, form := range []url.Values{{"prompt": {"login"}, "login": {person}, "password": {"any"}}, {"prompt": {"consent"}}} {
		if page, err = visit(ctx, browser, page.String(), form); err != nil {
			return "", err
		}
	}
	code := page.Query().Get("code")
	if code == "" {
		return "", errors.New("no code in " + page.String())
	}
	return code, nil
}

// visit opens a page, or sends a form to it, and gives the address that it ends
// at: another page, or the callback.
func visit(ctx context.Context, browser *http.Client, page string, form url.Values) (*url.URL, error) {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, page, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := browser.Do(request)
	if err != nil {
		return nil, fmt.Errorf("visit page: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("visit %s: %s", page, response.Status)
	}
	if back, err := response.Location(); err == nil {
		return back, nil
	}
	return response.Request.URL, nil
}
