package agentjwt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Bounds and defaults of the settings.
const (
	DefaultBytes = 8 << 10
	MostBytes    = 32 << 10
	// MostAge is how long ago a token may have been signed, and how long it may last.
	MostAge = time.Minute
	// MostSkew is how far an agent's clock may be off.
	MostSkew = 30 * time.Second
)

// Settings are the agents of one Better Auth.
type Settings struct {
	// Header is the header's name in any case; "" is authorization with the scheme
	// Bearer. Any other header holds the token alone.
	Header    string
	Agents    Agents
	Standings Standings
	// Memory is the process's: the same for every snapshot.
	Memory *Memory
	// Audiences are the names of this service, compared exactly: at least one.
	Audiences []string
	// Scopes say what capabilities give, the first that fits; empty: each gives itself.
	Scopes []Mapping
	// MaxAge is how long ago a token may have been signed; 0 is MostAge.
	MaxAge time.Duration
	// Skew is what an agent's clock may differ by: 0 to MostSkew.
	Skew time.Duration
	// MaxBytes bounds a token; 0 is DefaultBytes.
	MaxBytes int
	Now      func() time.Time
}

// Mapping is what the capabilities of a pattern give.
type Mapping struct {
	// Capability is a whole name, or the beginning of one with a star behind it.
	Capability string
	Scope      string
}

func (m Mapping) fits(capability string) bool {
	beginning, open := strings.CutSuffix(m.Capability, "*")
	return open && strings.HasPrefix(capability, beginning) || m.Capability == capability
}

// settled gives the settings with their defaults, or says what is wrong.
func (s Settings) settled() (Settings, error) {
	s.Header = strings.ToLower(s.Header)
	if s.Header == "" {
		s.Header = authorization
	}
	if s.MaxAge == 0 {
		s.MaxAge = MostAge
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = DefaultBytes
	}
	return s, errors.Join(s.check(), s.checkScopes())
}

func (s Settings) check() error {
	switch {
	case s.Agents == nil || s.Standings == nil || s.Memory == nil || s.Now == nil:
		return errors.New("agents, standings, memory and clock are required")
	case !authz.MayCarry(s.Header):
		return fmt.Errorf("header %q cannot carry a token", s.Header)
	case len(s.Audiences) == 0 || slices.Contains(s.Audiences, ""):
		return errors.New("no audience, or an empty one: tokens for another service would be taken")
	case s.MaxAge < time.Second || s.MaxAge > MostAge:
		return fmt.Errorf("an age of %s is not between 1s and %s", s.MaxAge, MostAge)
	case s.Skew < 0 || s.Skew > MostSkew:
		return fmt.Errorf("a skew of %s is not between 0 and %s", s.Skew, MostSkew)
	case s.MaxBytes < 0 || s.MaxBytes > MostBytes:
		return fmt.Errorf("%d bytes are not between 1 and %d", s.MaxBytes, MostBytes)
	default:
		return nil
	}
}

// checkScopes refuses mappings that give nothing, or that are never come to.
func (s Settings) checkScopes() error {
	for i, m := range s.Scopes {
		switch {
		case m.Capability == "" || m.Scope == "":
			return fmt.Errorf("mapping %d has no capability or no scope", i+1)
		case strings.Contains(strings.TrimSuffix(m.Capability, "*"), "*"):
			return fmt.Errorf("mapping %d: a star that is not at the end of %q", i+1, m.Capability)
		}
		for j, before := range s.Scopes[:i] {
			if before.covers(m) {
				return fmt.Errorf("mapping %d is never come to: mapping %d takes all of %q", i+1, j+1, m.Capability)
			}
		}
	}
	return nil
}

// covers reports whether whatever another mapping fits is taken by this one.
func (m Mapping) covers(other Mapping) bool {
	beginning, open := strings.CutSuffix(other.Capability, "*")
	if !open {
		return m.fits(other.Capability)
	}
	return strings.HasSuffix(m.Capability, "*") && m.fits(beginning)
}
