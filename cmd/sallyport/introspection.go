package main

import (
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
	"github.com/sallyport-authz/sallyport/authz/outbound"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// introspection compiles an authenticator that asks an issuer about tokens.
func (c *compiler) introspection(at document.Cursor, message *configv1.Introspection) (kind, bool) {
	before := len(c.Problems)
	settings := introspection.Settings{
		Endpoint: message.GetEndpoint(), Authorization: c.clientCredential(at, message), Hint: message.GetTokenTypeHint(),
		Header: message.GetHeader(), Prefix: message.GetPrefix(), JWTShaped: message.GetJwtShaped(),
		Issuer: message.GetIssuer(), Audiences: message.GetAudiences(), AnyAudience: message.GetAnyAudience(),
		Types: message.GetTokenTypes(), Claims: claimNames(message.GetClaims()),
		Skew:     c.span(at.Field("clock_skew"), message.GetClockSkew(), span{0, introspection.MostSkew, introspection.MostSkew}),
		MaxAge:   c.span(at.Field("max_age"), message.GetMaxAge(), span{time.Second, introspection.MostMaxAge, introspection.DefaultMaxAge}),
		Timeout:  c.span(at.Field("timeout"), message.GetTimeout(), span{100 * time.Millisecond, 30 * time.Second, 5 * time.Second}),
		MaxBytes: int(message.GetMaxTokenBytes()), MostCalls: int(message.GetMaxCalls()), Now: c.now,
	}
	if len(message.GetAudiences()) == 0 && !message.GetAnyAudience() {
		c.Refuse(at.Field("audiences"), "no audience: tokens for any service would be taken", "the names of this service", "add them, as in audiences: [https://api.example.com], or write any_audience: true")
	}
	if asker := c.askingAbout(at.Field("endpoint"), message.GetEndpoint()); asker != nil {
		settings.Asker = asker
	}
	if len(c.Problems) > before || c.outbound == nil { // which was refused where it stands
		return kind{}, false
	}
	a, err := introspection.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "settings of one endpoint", "correct what the message names")
		return kind{}, false
	}
	return kind{"introspection", a.Traits(), a}, true
}

// askingAbout gives what asks the endpoint, or nil where it cannot be asked. Each has its
// own: one that does not answer ends no questions to another.
func (c *compiler) askingAbout(at document.Cursor, endpoint string) *outbound.Breaker {
	switch {
	case endpoint == "":
		c.Refuse(at, "no endpoint: nobody could be asked", "the URL that is asked", "add it, as in endpoint: https://id.example.com/introspect")
		return nil
	case c.outbound == nil:
		return nil
	}
	client := c.asking(at, endpoint)
	if client == nil {
		return nil
	}
	return outbound.NewBreaker(client, c.now)
}

// clientCredential is how this service shows the endpoint who it is: exactly one of
// two ways.
func (c *compiler) clientCredential(at document.Cursor, message *configv1.Introspection) authz.Secret {
	byClient := message.GetClientId() != "" || message.GetClientSecret() != ""
	byToken := message.GetBearerToken() != ""
	switch {
	case byClient == byToken:
		c.Refuse(at, "not exactly one credential for the endpoint", "client_id and client_secret, or bearer_token", "add what the issuer registered for this service")
		return authz.Secret{}
	case byToken:
		return c.credential(at.Field("bearer_token"), message.GetBearerToken(), introspection.Bearer)
	case message.GetClientId() == "" || message.GetClientSecret() == "":
		c.Refuse(at, "half of a client's credential", "client_id and client_secret", "add the other one")
		return authz.Secret{}
	default:
		return c.credential(at.Field("client_secret"), message.GetClientSecret(), func(secret authz.Secret) (authz.Secret, error) {
			return introspection.Basic(message.GetClientId(), secret)
		})
	}
}

func (c *compiler) credential(at document.Cursor, reference string, made func(authz.Secret) (authz.Secret, error)) authz.Secret {
	text, err := c.secrets.resolve(reference)
	if err != nil {
		c.refuseSecret(at, err)
		return authz.Secret{}
	}
	credential, err := made(authz.NewSecret(text))
	if err != nil {
		c.Refuse(at, err.Error(), "a credential that fits into a header", "check what the reference names")
	}
	return credential
}
