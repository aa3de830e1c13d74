package jwt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// DefaultBytes and MostBytes bound a token.
const (
	DefaultBytes = 8 << 10
	MostBytes    = 32 << 10
)

// MostSkew is how far an issuer's clock may be off at the most.
const MostSkew = time.Minute

// None stands in Settings.Types for a token without typ.
const None = "none"

// Settings are one issuer whose tokens are accepted.
type Settings struct {
	// Header is the header's name in any case; "" is authorization with the
	// scheme Bearer. Any other header holds the token alone.
	Header string
	// Issuer and Audiences are compared exactly. Neither may be empty.
	Issuer    string
	Audiences []string
	// Algorithms are those accepted; empty is Asymmetric.
	Algorithms []string
	// Types are the accepted typ in any case; empty is JWT, at+jwt and None.
	Types []string
	// Required are claims that must be there and not null.
	Required []string
	Claims   claimset.Names
	// Skew is what the issuer's clock may differ by: 0 to MostSkew.
	Skew time.Duration
	// MaxBytes bounds a token; 0 is DefaultBytes.
	MaxBytes int
	Keys     Source
	Now      func() time.Time
}

// settled gives the settings with their defaults, or says what is wrong.
func (s Settings) settled() (Settings, error) {
	s.Header = strings.ToLower(s.Header)
	if s.Header == "" {
		s.Header = authorization
	}
	if len(s.Algorithms) == 0 {
		s.Algorithms = Asymmetric()
	}
	if len(s.Types) == 0 {
		s.Types = []string{"jwt", "at+jwt", None}
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = DefaultBytes
	}
	s.Types = lower(s.Types)
	s.Claims = s.Claims.Settled()
	return s, s.check()
}

func lower(words []string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = strings.TrimPrefix(strings.ToLower(word), "application/")
	}
	return all
}

func (s Settings) check() error {
	switch {
	case s.Keys == nil || s.Now == nil:
		return errors.New("keys and clock are required")
	case !authz.MayCarry(s.Header):
		return fmt.Errorf("header %q cannot carry a token", s.Header)
	case s.Issuer == "":
		return errors.New("no issuer: anybody's tokens would be taken")
	case len(s.Audiences) == 0 || slices.Contains(s.Audiences, ""):
		return errors.New("no audience, or an empty one: tokens for another service would be taken")
	case s.Skew < 0 || s.Skew > MostSkew:
		return fmt.Errorf("a skew of %s is not between 0 and %s", s.Skew, MostSkew)
	case s.MaxBytes < 0 || s.MaxBytes > MostBytes:
		return fmt.Errorf("%d bytes are not between 1 and %d", s.MaxBytes, MostBytes)
	case slices.Contains(s.Types, ""):
		return errors.New(`an empty type: "none" is a token without typ`)
	case slices.Contains(s.Required, "") || s.Claims.Nameless():
		return errors.New("a claim without a name")
	}
	for _, name := range s.Algorithms {
		if !Known(name) {
			return fmt.Errorf("algorithm %q is unknown", name)
		}
	}
	return nil
}
