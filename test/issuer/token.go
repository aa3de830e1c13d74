package issuer

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Order says which token a client asks for.
type Order struct {
	// Client is the subject: "acme", the default, and "acme-staff" have the tenant
	// acme, "globex" has its own, "homeless" has none.
	Client string
	// Audience is the aud of the token.
	Audience string
	// Scopes are some of read, write and admin.
	Scopes []string
	// Algorithm is ES256, the default, or RS256.
	Algorithm string
	// Opaque asks for a token that says nothing to whoever has it.
	Opaque bool
	// Life is how long the token lives, in whole seconds; default 5 minutes.
	Life time.Duration
}

// Token gets an access token, in JWT format (RFC 9068) unless it is opaque, at the
// token endpoint, with the client's own credentials.
func (i *Issuer) Token(ctx context.Context, o Order) (string, error) {
	tokens, err := i.grant(ctx, o.client(), url.Values{
		"grant_type": {"client_credentials"},
		"resource":   {o.resource()},
		"scope":      {strings.Join(o.Scopes, " ")},
	})
	if err != nil {
		return "", fmt.Errorf("get token: %w", err)
	}
	return tokens.Access, nil
}

func (o Order) client() string {
	if o.Client == "" {
		return "acme"
	}
	return o.Client
}

// resource is an identifier with the settings that issuer.mjs reads in its query.
func (o Order) resource() string {
	settings := url.Values{"aud": {o.Audience}}
	if o.Algorithm != "" {
		settings.Set("alg", o.Algorithm)
	}
	if o.Opaque {
		settings.Set("format", "opaque")
	}
	if o.Life != 0 {
		settings.Set("ttl", strconv.Itoa(int(o.Life/time.Second)))
	}
	return "https://resource.test/?" + settings.Encode()
}

// Tokens are what the token endpoint gives. Refresh is opaque.
type Tokens struct {
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token"`
}

func (i *Issuer) grant(ctx context.Context, client string, form url.Values) (Tokens, error) {
	var tokens Tokens
	err := i.post(ctx, question{client, "/token", form}, &tokens)
	return tokens, err
}

// Revoke ends a token that this client was given (RFC 7009).
func (i *Issuer) Revoke(ctx context.Context, client, token string) error {
	return i.post(ctx, question{client, "/token/revocation", url.Values{"token": {token}}}, nil)
}

// Introspect asks about a token (RFC 7662), as a resource server does.
func (i *Issuer) Introspect(ctx context.Context, token string) (map[string]any, error) {
	var answer map[string]any
	err := i.post(ctx, question{ResourceServer, Introspection, url.Values{"token": {token}}}, &answer)
	return answer, err
}

// question is a form that a client sends, with its own credential.
type question struct {
	client, path string
	form         url.Values
}

// post encodes the credential as RFC 6749 section 2.3.1 says.
func (i *Issuer) post(ctx context.Context, q question, result any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL()+q.path, strings.NewReader(q.form.Encode()))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(q.client), url.QueryEscape("secret-of-"+q.client))
	return i.exchange(request, result)
}
