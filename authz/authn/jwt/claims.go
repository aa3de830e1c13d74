package jwt

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// claimed is what a token says once its signature holds.
type claimed struct {
	caller authz.Caller
	// until is when the finding may turn by itself; the zero time is never.
	until time.Time
}

// claims reads and judges the claims set (RFC 7519 section 4).
func (a *Authenticator) claims(payload []byte) (claimed, error) {
	s, err := claimset.Read(payload)
	if err != nil {
		return claimed{}, fmt.Errorf("claims: %w", err)
	}
	if err := a.addressed(s); err != nil {
		return claimed{}, err
	}
	ends, until, err := a.lifetime(s)
	if err != nil {
		return claimed{until: until}, err
	}
	for _, name := range a.settings.Required {
		if value, there := s.Lookup(name); !there || value == nil {
			return claimed{until: until}, fmt.Errorf("claim %q is required", name)
		}
	}
	caller, err := a.caller(s)
	if err != nil {
		return claimed{until: until}, err
	}
	caller.Expires = ends
	return claimed{caller: caller, until: until}, nil
}

// addressed holds a token to its issuer and to us (RFC 7519 sections 4.1.1 and
// 4.1.3). Both are compared exactly.
func (a *Authenticator) addressed(s claimset.Set) error {
	if issuer, _ := s["iss"].(string); issuer != a.settings.Issuer {
		return errors.New("iss is another issuer")
	}
	audiences, err := claimset.Texts(s["aud"])
	if err != nil {
		return fmt.Errorf("aud is %w", err)
	}
	for _, audience := range audiences {
		if slices.Contains(a.settings.Audiences, audience) {
			return nil
		}
	}
	return errors.New("aud is another service")
}

// lifetime gives when the token ends for us, which is exp and what clocks may
// differ by, and until when what is found now holds. exp cannot be left out.
func (a *Authenticator) lifetime(s claimset.Set) (ends, until time.Time, err error) {
	now, skew := a.settings.Now(), a.settings.Skew
	expires, there, err := s.Date("exp")
	if err != nil || !there {
		return time.Time{}, time.Time{}, errors.New("exp is missing, or no whole number of seconds")
	}
	ends = expires.Add(skew)
	if !now.Before(ends) {
		return time.Time{}, time.Time{}, errors.New("expired")
	}
	for _, name := range []string{"nbf", "iat"} {
		begins, there, err := s.Date(name)
		if err != nil {
			return time.Time{}, time.Time{}, fmt.Errorf("%s is no whole number of seconds", name)
		}
		if begins = begins.Add(-skew); there && now.Before(begins) {
			return time.Time{}, begins, fmt.Errorf("%s is to come", name)
		}
	}
	return ends, ends, nil
}

func (a *Authenticator) caller(s claimset.Set) (authz.Caller, error) {
	c, err := s.Caller(a.settings.Claims)
	if err == nil && c.Subject == "" {
		return authz.Caller{}, fmt.Errorf("claim %q is missing: nobody calls", a.settings.Claims.Subject)
	}
	return c, err //nolint:wrapcheck // it says which claim
}
