package main

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/session"
	"github.com/sallyport-authz/sallyport/authz/records"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// sessionRecords tells kind session what a source has of a session.
type sessionRecords struct{ *records.Source }

// Session implements session.Sessions.
func (r sessionRecords) Session(ctx context.Context, token string) (session.Record, authz.Basis, error) {
	record, basis, err := r.Source.Session(ctx, token)
	return session.Record(record), basis, err //nolint:wrapcheck // it says what was asked for
}

// betterAuthSession compiles an authenticator of Better Auth's signed cookies.
func (c *compiler) betterAuthSession(at document.Cursor, cookies []string, message *configv1.BetterAuthSessions) (kind, bool) {
	before, here := len(c.Problems), at.Field("better_auth")
	settings := session.Signed{
		Cookies: cookies, Secrets: c.sessionSecrets(here.Field("secrets"), message.GetSecrets()),
		Guests: c.guests(here.Field("guest"), message.GetGuest()), Now: c.now,
	}
	if !at.Field("cookies").Written() {
		settings.Cookies = session.DefaultCookies()
	}
	source := c.recordsNamed(here.Field("records"), message.GetRecords())
	if len(c.Problems) > before || source == nil || settings.Guests == nil && message.GetGuest() != nil {
		return kind{}, false
	}
	settings.Sessions, settings.Standings = sessionRecords{source}, source
	a, err := session.NewSigned(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "cookies' names and the secrets that sign them", "correct the setting that the message names")
		return kind{}, false
	}
	return kind{"session", a.Traits(), a}, true
}

func (c *compiler) sessionSecrets(at document.Cursor, references []string) []authz.Secret {
	var secrets []authz.Secret
	if len(references) == 0 {
		c.Refuse(at, "no secret: no cookie could be verified", "Better Auth's own secret", "add it, as in secrets: [env:BETTER_AUTH_SECRET]")
	}
	for i, reference := range references {
		text, err := c.secrets.resolve(reference)
		if err != nil {
			c.refuseSecret(at.Index(i), err)
			continue
		}
		secret := authz.NewSecret(text)
		if err := session.CheckSecret(secret); err != nil {
			c.Refuse(at.Index(i), err.Error(), "a secret that nobody can guess", "give Better Auth another one: openssl rand -base64 32")
			continue
		}
		secrets = append(secrets, secret)
	}
	return secrets
}

// guests says what those are who are no member; nil where nothing is said, or where it is
// refused.
func (c *compiler) guests(at document.Cursor, message *configv1.SessionGuest) *session.Guests {
	if message == nil {
		return nil
	}
	scopes := c.scopes(at.Field("scopes"), message.GetScopes())
	owner := c.hostNamed(at.Field("host"), message.GetHost())
	if owner == nil {
		return nil
	}
	return &session.Guests{Owner: owner, Scopes: scopes}
}

// hostNamed gives the authenticator of kind host of a name, wherever it stands in the
// list. It is nil where there is none, which is refused here, and where it was refused
// itself.
func (c *compiler) hostNamed(at document.Cursor, name string) session.Owner {
	for i, message := range c.message.GetAuthenticators() {
		if message.GetName() != name || message.GetHost() == nil {
			continue
		}
		k, ok := c.hostTenant(c.root.Field("authenticators").Index(i).Field("host"), message.GetHost())
		if !ok {
			return nil
		}
		return k.code
	}
	c.Refuse(at, fmt.Sprintf("no authenticator of kind host is called %q", name), "the name of one", "name it, or take guest out: then nobody but members has a tenant")
	return nil
}
