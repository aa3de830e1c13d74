package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// jwt compiles one issuer's tokens.
func (c *compiler) jwt(at cursor, name string, message *configv1.Jwt) (kind, bool) {
	before := len(c.problems)
	c.checkIssuer(at, message)
	c.checkAlgorithms(at, message)
	settings := jwt.Settings{
		Header: message.GetHeader(), Issuer: message.GetIssuer(), Audiences: message.GetAudiences(),
		Algorithms: message.GetAlgorithms(), Types: message.GetTypes(), Required: message.GetRequiredClaims(),
		Claims:   jwtClaims(message.GetClaims()),
		Skew:     c.span(at.field("clock_skew"), message.GetClockSkew(), span{0, jwt.MostSkew, jwt.MostSkew}),
		MaxBytes: int(message.GetMaxTokenBytes()), Now: c.now,
	}
	if message.GetMaxTokenBytes() > jwt.MostBytes {
		c.refuse(at.field("max_token_bytes"), fault{fmt.Sprintf("%d bytes", message.GetMaxTokenBytes()), fmt.Sprintf("at most %d", jwt.MostBytes), fmt.Sprintf("take it out for %d", jwt.DefaultBytes)})
	}
	fetch := c.jwtIntervals(at, message)
	if len(c.problems) == before {
		settings.Keys = c.jwtKeys(at, name, message, fetch)
	}
	if len(c.problems) > before {
		return kind{}, false
	}
	a, err := jwt.New(settings)
	if err != nil {
		c.refuse(at, fault{err.Error(), "settings of one issuer", "correct what the message names"})
		return kind{}, false
	}
	return kind{"jwt", a.Traits(), a}, true
}

// checkIssuer refuses what would take anybody's tokens.
func (c *compiler) checkIssuer(at cursor, message *configv1.Jwt) {
	if message.GetIssuer() == "" {
		c.refuse(at.field("issuer"), fault{"no issuer", "the exact iss of the tokens", "add it, as in issuer: https://id.example.com"})
	}
	if len(message.GetAudiences()) == 0 {
		c.refuse(at.field("audiences"), fault{"no audience: tokens for any service would be taken", "the names of this service", "add them, as in audiences: [https://api.example.com]"})
	}
	for i, audience := range message.GetAudiences() {
		if audience == "" {
			c.refuse(at.field("audiences").index(i), fault{"an empty audience", "a name of this service", "write it as in the tokens' aud"})
		}
	}
}

// checkAlgorithms refuses shared secrets where keys are published.
func (c *compiler) checkAlgorithms(at cursor, message *configv1.Jwt) {
	_, file := message.GetKeys().(*configv1.Jwt_JwksFile)
	for i, name := range message.GetAlgorithms() {
		here := at.field("algorithms").index(i)
		switch {
		case !jwt.Known(name):
			c.refuse(here, fault{fmt.Sprintf("algorithm %q", name), "one of [" + strings.Join(jwt.Asymmetric(), " ") + " HS256 HS384 HS512]", "write one of these; none is not one"})
		case jwt.Symmetric(name) && !file:
			c.refuse(here, fault{fmt.Sprintf("%s with published keys: who can verify could sign", name), "HS algorithms with jwks_file only", "take it out, or put the secret into a jwks_file"})
		}
	}
}

func jwtClaims(message *configv1.JwtClaims) jwt.Claims {
	return jwt.Claims{
		Subject: message.GetSubject(), Tenant: message.GetTenant(), Role: message.GetRole(), User: message.GetUser(),
		Scopes: message.GetScopes(), TokenID: message.GetTokenId(), Pass: message.GetPass(),
	}
}

// jwtKeys is where the keys are: exactly one of three places.
func (c *compiler) jwtKeys(at cursor, name string, message *configv1.Jwt, fetch jwt.FetchSettings) jwt.Source {
	switch keys := message.GetKeys().(type) {
	case *configv1.Jwt_JwksFile:
		return c.jwksFile(at.field("jwks_file"), keys.JwksFile, slices.ContainsFunc(message.GetAlgorithms(), jwt.Symmetric))
	case *configv1.Jwt_JwksUrl:
		fetch.URL = keys.JwksUrl
		return c.fetched(at.field("jwks_url"), name, fetch)
	case *configv1.Jwt_Discovery:
		if !keys.Discovery {
			c.refuse(at.field("discovery"), fault{"discovery: false", "discovery: true, jwks_url or jwks_file", "say where the keys are"})
			return nil
		}
		fetch.Discovery = true
		return c.fetched(at.field("discovery"), name, fetch)
	default:
		c.refuse(at, fault{"no keys", "one of [jwks_file jwks_url discovery]", "add one of the three, as in discovery: true"})
		return nil
	}
}

// jwtIntervals are how often keys are fetched. A file has none.
func (c *compiler) jwtIntervals(at cursor, message *configv1.Jwt) jwt.FetchSettings {
	if _, file := message.GetKeys().(*configv1.Jwt_JwksFile); file {
		for _, name := range []string{"refresh", "min_interval", "max_age"} {
			if at.field(name).written() {
				c.refuse(at.field(name), fault{"an interval of a file", "intervals of keys that are fetched", "take it out: a file is read when it changes"})
			}
		}
		return jwt.FetchSettings{}
	}
	s := jwt.FetchSettings{
		Issuer:      message.GetIssuer(),
		Refresh:     c.span(at.field("refresh"), message.GetRefresh(), span{time.Second, 24 * time.Hour, 5 * time.Minute}),
		MinInterval: c.span(at.field("min_interval"), message.GetMinInterval(), span{time.Second, time.Hour, 30 * time.Second}),
		MaxAge:      c.span(at.field("max_age"), message.GetMaxAge(), span{time.Second, 30 * 24 * time.Hour, 24 * time.Hour}),
	}
	if s.Refresh < s.MinInterval || s.MaxAge <= s.Refresh {
		c.refuse(at, fault{
			fmt.Sprintf("min_interval %s, refresh %s, max_age %s", s.MinInterval, s.Refresh, s.MaxAge), "each at least the one before, max_age above refresh",
			"write them as in min_interval: 30s, refresh: 5m, max_age: 24h",
		})
	}
	return s
}

// jwksFile reads a key set. secrets says whether keys may be in it that both
// sides share: only where such an algorithm is named.
func (c *compiler) jwksFile(at cursor, reference string, secrets bool) jwt.Source {
	name, isFile := strings.CutPrefix(reference, "file:")
	if !isFile {
		c.refuse(at, fault{fmt.Sprintf("reference %q", reference), "file:path", "write file: and the path of the key set"})
		return nil
	}
	text, err := c.secrets.fromFile(name)
	if err != nil {
		c.refuseSecret(at, err)
		return nil
	}
	set, err := jwt.ParseSet(text, secrets)
	if err != nil {
		c.refuse(at, fault{err.Error(), "a JSON Web Key Set (RFC 7517) with a key that is fit", "export the keys anew; HS algorithms must be named in algorithms"})
		return nil
	}
	for _, unfit := range set.Unfit {
		c.warn(at, fault{"a key is not used: " + unfit.Error(), "keys that are fit", "take it out of the set, or mend it"})
	}
	return jwt.NewStatic(reference, set)
}
