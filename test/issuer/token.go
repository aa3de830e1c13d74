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
	// Life is how long the token lives, in whole seconds; default 5 minutes.
	Life time.Duration
}

// Token gets an access token in JWT format (RFC 9068) at the token endpoint,
// with the client's own credentials.
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
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL()+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		return Tokens{}, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(client, "secret-of-"+client)
	var tokens Tokens
	err = i.exchange(request, &tokens)
	return tokens, err
}
