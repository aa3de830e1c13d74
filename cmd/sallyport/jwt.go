package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
	"github.com/sallyport-authz/sallyport/authz/claimset"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// jwt compiles one issuer's tokens.
func (c *compiler) jwt(at document.Cursor, name string, message *configv1.Jwt) (kind, bool) {
	before := len(c.Problems)
	c.checkIssuer(at, message)
	c.checkAlgorithms(at, message)
	settings := jwt.Settings{
		Header: message.GetHeader(), Issuer: message.GetIssuer(), Audiences: message.GetAudiences(),
		Algorithms: message.GetAlgorithms(), Types: message.GetTypes(), Required: message.GetRequiredClaims(),
		Claims:   claimNames(message.GetClaims()),
		Skew:     c.span(at.Field("clock_skew"), message.GetClockSkew(), span{0, jwt.MostSkew, jwt.MostSkew}),
		MaxBytes: int(message.GetMaxTokenBytes()), Now: c.now,
	}
	if message.GetMaxTokenBytes() > jwt.MostBytes {
		c.Refuse(at.Field("max_token_bytes"), fmt.Sprintf("%d bytes", message.GetMaxTokenBytes()), fmt.Sprintf("at most %d", jwt.MostBytes), fmt.Sprintf("take it out for %d", jwt.DefaultBytes))
	}
	fetch := c.jwtIntervals(at, message)
	if len(c.Problems) == before {
		settings.Keys = c.jwtKeys(at, name, message, fetch)
	}
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := jwt.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "settings of one issuer", "correct what the message names")
		return kind{}, false
	}
	return kind{"jwt", a.Traits(), a}, true
}

// checkIssuer refuses what would take anybody's tokens.
func (c *compiler) checkIssuer(at document.Cursor, message *configv1.Jwt) {
	if message.GetIssuer() == "" {
		c.Refuse(at.Field("issuer"), "no issuer", "the exact iss of the tokens", "add it, as in issuer: https://id.example.com")
	}
	if len(message.GetAudiences()) == 0 {
		c.Refuse(at.Field("audiences"), "no audience: tokens for any service would be taken", "the names of this service", "add them, as in audiences: [https://api.example.com]")
	}
	for i, audience := range message.GetAudiences() {
		if audience == "" {
			c.Refuse(at.Field("audiences").Index(i), "an empty audience", "a name of this service", "write it as in the tokens' aud")
		}
	}
}

// checkAlgorithms refuses shared secrets where keys are published.
func (c *compiler) checkAlgorithms(at document.Cursor, message *configv1.Jwt) {
	_, file := message.GetKeys().(*configv1.Jwt_JwksFile)
	for i, name := range message.GetAlgorithms() {
		here := at.Field("algorithms").Index(i)
		switch {
		case !jwt.Known(name):
			c.Refuse(here, fmt.Sprintf("algorithm %q", name), "one of ["+strings.Join(jwt.Asymmetric(), " ")+" HS256 HS384 HS512]", "write one of these; none is not one")
		case jwt.Symmetric(name) && !file:
			c.Refuse(here, fmt.Sprintf("%s with published keys: who can verify could sign", name), "HS algorithms with jwks_file only", "take it out, or put the secret into a jwks_file")
		}
	}
}

func claimNames(message *configv1.JwtClaims) claimset.Names {
	return claimset.Names{
		Subject: message.GetSubject(), Tenant: message.GetTenant(), Role: message.GetRole(), User: message.GetUser(),
		Scopes: message.GetScopes(), TokenID: message.GetTokenId(), Pass: message.GetPass(),
	}
}

// jwtKeys is where the keys are: exactly one of three places.
func (c *compiler) jwtKeys(at document.Cursor, name string, message *configv1.Jwt, fetch jwt.FetchSettings) jwt.Source {
	switch keys := message.GetKeys().(type) {
	case *configv1.Jwt_JwksFile:
		return c.jwksFile(at.Field("jwks_file"), keys.JwksFile, slices.ContainsFunc(message.GetAlgorithms(), jwt.Symmetric))
	case *configv1.Jwt_JwksUrl:
		fetch.URL = keys.JwksUrl
		return c.fetched(at.Field("jwks_url"), name, fetch)
	case *configv1.Jwt_Discovery:
		if !keys.Discovery {
			c.Refuse(at.Field("discovery"), "discovery: false", "discovery: true, jwks_url or jwks_file", "say where the keys are")
			return nil
		}
		fetch.Discovery = true
		return c.fetched(at.Field("discovery"), name, fetch)
	default:
		c.Refuse(at, "no keys", "one of [jwks_file jwks_url discovery]", "add one of the three, as in discovery: true")
		return nil
	}
}

// jwtIntervals are how often keys are fetched. A file has none.
func (c *compiler) jwtIntervals(at document.Cursor, message *configv1.Jwt) jwt.FetchSettings {
	if _, file := message.GetKeys().(*configv1.Jwt_JwksFile); file {
		for _, name := range []string{"refresh", "min_interval", "max_age"} {
			if at.Field(name).Written() {
				c.Refuse(at.Field(name), "an interval of a file", "intervals of keys that are fetched", "take it out: a file is read when it changes")
			}
		}
		return jwt.FetchSettings{}
	}
	s := jwt.FetchSettings{
		Issuer:      message.GetIssuer(),
		Refresh:     c.span(at.Field("refresh"), message.GetRefresh(), span{time.Second, 24 * time.Hour, 5 * time.Minute}),
		MinInterval: c.span(at.Field("min_interval"), message.GetMinInterval(), span{time.Second, time.Hour, 30 * time.Second}),
		MaxAge:      c.span(at.Field("max_age"), message.GetMaxAge(), span{time.Second, 30 * 24 * time.Hour, 24 * time.Hour}),
	}
	if s.Refresh < s.MinInterval || s.MaxAge <= s.Refresh {
		c.Refuse(at, fmt.Sprintf("min_interval %s, refresh %s, max_age %s", s.MinInterval, s.Refresh, s.MaxAge), "each at least the one before, max_age above refresh",
			"write them as in min_interval: 30s, refresh: 5m, max_age: 24h")
	}
	return s
}

// jwksFile reads a key set. secrets says whether keys may be in it that both
// sides share: only where such an algorithm is named.
func (c *compiler) jwksFile(at document.Cursor, reference string, secrets bool) jwt.Source {
	name, isFile := strings.CutPrefix(reference, "file:")
	if !isFile {
		c.Refuse(at, fmt.Sprintf("reference %q", reference), "file:path", "write file: and the path of the key set")
		return nil
	}
	text, err := c.secrets.fromFile(name)
	if err != nil {
		c.refuseSecret(at, err)
		return nil
	}
	set, err := jwt.ParseSet(text, secrets)
	if err != nil {
		c.Refuse(at, err.Error(), "a JSON Web Key Set (RFC 7517) with a key that is fit", "export the keys anew; HS algorithms must be named in algorithms")
		return nil
	}
	for _, unfit := range set.Unfit {
		c.Warn(at, "a key is not used: "+unfit.Error(), "keys that are fit", "take it out of the set, or mend it")
	}
	return jwt.NewStatic(reference, set)
}
