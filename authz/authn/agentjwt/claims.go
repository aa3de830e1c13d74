package agentjwt

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz/claimset"
)

const (
	// longestID bounds sub and jti, which are looked up and remembered.
	longestID = 256
	// mostCapabilities bounds what a token can have us compare.
	mostCapabilities = 256
)

// claims are what a token says of itself, before anybody knows whether it is true.
type claims struct {
	agent, id string
	// issuer is "" where there is none.
	issuer string
	issued time.Time
	// ends is when the token is too old for these settings, or over.
	ends time.Time
	// narrowed tells that capabilities were listed.
	narrowed     bool
	capabilities []string
}

// read reads and judges the claims, in no order that an answer would tell.
func (a *Authenticator) read(payload []byte) (claims, error) {
	s, err := claimset.Read(payload)
	if err != nil {
		return claims{}, fmt.Errorf("claims: %w", err)
	}
	c := claims{}
	for _, name := range []string{"htm", "htu", "ath"} {
		if _, bound := s[name]; bound {
			return claims{}, fmt.Errorf("%s binds the token, and nobody looks at the proof", name)
		}
	}
	if c.agent, err = needed(s, "sub"); err != nil {
		return claims{}, err
	}
	if c.id, err = needed(s, "jti"); err != nil {
		return claims{}, err
	}
	if _, there := s["iss"]; there {
		if c.issuer, err = needed(s, "iss"); err != nil {
			return claims{}, err
		}
	}
	if err := a.forUs(s); err != nil {
		return claims{}, err
	}
	if err := c.readLife(s, a.settings); err != nil {
		return claims{}, err
	}
	return c, c.readCapabilities(s)
}

// needed reads a text that must be there.
func needed(s claimset.Set, name string) (string, error) {
	text, err := s.Text(name)
	if err != nil {
		return "", err //nolint:wrapcheck // it says which claim
	}
	if text == "" || len(text) > longestID {
		return "", fmt.Errorf("%s is missing, or longer than %d bytes", name, longestID)
	}
	return text, nil
}

// forUs holds a token to this service (RFC 7519 section 4.1.3), exactly.
func (a *Authenticator) forUs(s claimset.Set) error {
	audiences, err := claimset.Texts(s["aud"])
	if err != nil {
		return fmt.Errorf("aud is %w", err)
	}
	ours := func(audience string) bool { return slices.Contains(a.settings.Audiences, audience) }
	if !slices.ContainsFunc(audiences, ours) {
		return errors.New("aud is another service")
	}
	return nil
}

// readLife holds a token to its time. What clocks may differ by makes none live longer
// than MaxAge by our own.
func (c *claims) readLife(s claimset.Set, by Settings) error {
	// A time that is missing reads as year 1: no iat was so long ago, no exp is so early.
	issued, _, errIssued := s.Date("iat")
	expires, _, errExpires := s.Date("exp")
	begins, _, errBegins := s.Date("nbf")
	now := by.Now()
	switch err := errors.Join(errIssued, errExpires, errBegins); {
	case err != nil:
		return fmt.Errorf("iat, exp or nbf is %w", err)
	case now.Add(by.Skew).Before(issued) || now.Add(by.Skew).Before(begins):
		return errors.New("iat or nbf is to come")
	case !issued.Before(expires) || expires.Sub(issued) > MostAge:
		return fmt.Errorf("exp is not after iat, or more than %s after it", MostAge)
	}
	c.issued, c.ends = issued, issued.Add(by.MaxAge)
	if over := expires.Add(by.Skew); over.Before(c.ends) {
		c.ends = over
	}
	if !now.Before(c.ends) {
		return errors.New("the token is over, or was signed too long ago")
	}
	return nil
}

// readCapabilities reads what the agent asks of its grants: an empty list asks nothing.
func (c *claims) readCapabilities(s claimset.Set) error {
	value, there := s["capabilities"]
	if !there {
		return nil
	}
	list, isList := value.([]any)
	if !isList || len(list) > mostCapabilities {
		return fmt.Errorf("capabilities are no list of at most %d", mostCapabilities)
	}
	texts, err := claimset.Texts(list)
	if err != nil {
		return fmt.Errorf("capabilities are %w", err)
	}
	c.narrowed, c.capabilities = true, texts
	return nil
}
