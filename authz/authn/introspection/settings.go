package introspection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// Bounds and defaults of the settings.
const (
	DefaultBytes  = 8 << 10
	MostBytes     = 32 << 10
	MostSkew      = time.Minute
	DefaultMaxAge = 30 * time.Second
	MostMaxAge    = 5 * time.Minute
	DefaultCalls  = 32
	MostCalls     = 256
)

const (
	authorization = "authorization"
	bearer        = "bearer"
)

// None stands in Settings.Types for an answer without token_type, and in Settings.Hint
// for no hint.
const None = "none"

// Asker posts a form with an Authorization header. It bounds time and bytes, follows
// no redirect, and gives what a 200 of application/json carries or an error, which
// holds nothing of what was sent.
type Asker interface {
	PostForm(ctx context.Context, url, authorization, form string) ([]byte, error)
}

// Settings are one endpoint that is asked about tokens.
type Settings struct {
	// Endpoint is the URL that is asked, by Asker, with Authorization, which Basic or
	// Bearer makes.
	Endpoint      string
	Authorization authz.Secret
	Asker         Asker
	// Hint is token_type_hint; "" is access_token.
	Hint string
	// Header is the header's name in any case; "" is authorization with the scheme
	// Bearer. Any other header holds the token alone.
	Header string
	// Prefix, unless "", is what every token of this authenticator begins with.
	Prefix string
	// JWTShaped claims tokens in the form of a JWT too.
	JWTShaped bool
	// Issuer, unless "", is the iss of every answer. Audiences are the names of this
	// service: needed, unless AnyAudience says that every active token is for us.
	Issuer      string
	Audiences   []string
	AnyAudience bool
	// Types are the accepted token_type in any case; empty is Bearer.
	Types  []string
	Claims claimset.Names
	// Skew is what the issuer's clock may differ by: 0 to MostSkew.
	Skew time.Duration
	// MaxAge is how long an answer holds: above 0, at most MostMaxAge.
	MaxAge time.Duration
	// Timeout bounds one question, the wait for its turn included.
	Timeout time.Duration
	// MaxBytes bounds a token, MostCalls the questions at once; 0 is the default.
	MaxBytes, MostCalls int
	Now                 func() time.Time
}

// settled gives the settings with their defaults, or says what is wrong.
func (s Settings) settled() (Settings, error) {
	s.Header = strings.ToLower(s.Header)
	for into, fallback := range map[*string]string{
		&s.Header: authorization, &s.Hint: "access_token",
	} {
		if *into == "" {
			*into = fallback
		}
	}
	s.Claims = s.Claims.Settled()
	if len(s.Types) == 0 {
		s.Types = []string{bearer}
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = DefaultBytes
	}
	if s.MostCalls == 0 {
		s.MostCalls = DefaultCalls
	}
	if err := s.checkToken(); err != nil {
		return s, err
	}
	return s, s.checkAnswer()
}

// checkToken refuses what would ask the wrong place, about the wrong thing, or without
// a bound.
func (s Settings) checkToken() error {
	switch {
	case s.Asker == nil || s.Now == nil:
		return errors.New("asker and clock are required")
	case s.Endpoint == "":
		return errors.New("no endpoint: nobody is asked")
	case s.Authorization.Reveal() == "":
		return errors.New("no credential for the endpoint (RFC 7662 section 2.1)")
	case !authz.MayCarry(s.Header):
		return fmt.Errorf("header %q cannot carry a token", s.Header)
	case s.Prefix != "" && !isToken(s.Prefix):
		return fmt.Errorf("prefix %q holds what no bearer token holds", s.Prefix)
	case s.Prefix != "" && s.JWTShaped:
		return errors.New("a prefix and JWT-shaped tokens: what has the prefix is claimed in any form")
	case s.MaxBytes < 0 || s.MaxBytes > MostBytes || len(s.Prefix) >= s.MaxBytes:
		return fmt.Errorf("%d bytes are not between 1 (and more than the prefix) and %d", s.MaxBytes, MostBytes)
	case s.MostCalls < 0 || s.MostCalls > MostCalls:
		return fmt.Errorf("%d calls at once are not between 1 and %d", s.MostCalls, MostCalls)
	case s.Timeout <= 0:
		return errors.New("no timeout")
	default:
		return nil
	}
}

// checkAnswer refuses what would take anybody's tokens, or for ever.
func (s Settings) checkAnswer() error {
	switch {
	case len(s.Audiences) == 0 && !s.AnyAudience:
		return errors.New("no audience: tokens for another service would be taken")
	case len(s.Audiences) > 0 && s.AnyAudience:
		return errors.New("audiences, and any audience: one of the two is not meant")
	case slices.Contains(s.Audiences, ""):
		return errors.New("an empty audience")
	case slices.Contains(s.Types, ""):
		return errors.New(`an empty type: "none" is an answer without token_type`)
	case s.Claims.Nameless():
		return errors.New("a claim without a name")
	case s.Skew < 0 || s.Skew > MostSkew:
		return fmt.Errorf("a skew of %s is not between 0 and %s", s.Skew, MostSkew)
	case s.MaxAge <= 0 || s.MaxAge > MostMaxAge:
		return fmt.Errorf("an age of %s is not above 0 and at most %s", s.MaxAge, MostMaxAge)
	default:
		return nil
	}
}
