package token

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	authorization = "authorization"
	bearer        = "bearer"
	// longest bounds what is parsed and hashed for a caller whom nobody knows yet.
	longest = 1024
)

// Settings are one configured list of prefixes with what stands behind them.
type Settings struct {
	// Header is the header's name in any case; "" is authorization with the scheme
	// Bearer. Any other header holds the token alone.
	Header   string
	Forms    []Form
	Store    authz.TokenStore
	Verifier Verifier
	Now      func() time.Time
}

// Form is how tokens of one prefix are read.
type Form struct {
	// Prefix is part of the token. "" is for tokens that have none.
	Prefix string
	// Parse gives what a text shows of itself, or says what is wrong with it without
	// repeating any of it. It looks at the text alone.
	Parse func(text string) (authz.TokenRef, error)
}

// Verifier tells whether a secret is the one of which a verifier was made. An error is
// authz.ErrThrottled or means that nobody can tell.
type Verifier interface {
	Verify(ctx context.Context, attempt authz.Attempt) (authz.Proof, error)
}

// settled gives the settings complete, with the longest prefix first.
func (s Settings) settled() (Settings, error) {
	s.Header = strings.ToLower(s.Header)
	if s.Header == "" {
		s.Header = authorization
	}
	switch {
	case s.Store == nil || s.Verifier == nil || s.Now == nil:
		return Settings{}, errors.New("store, verifier and clock are required")
	case !authz.MayCarry(s.Header):
		return Settings{}, fmt.Errorf("header %q cannot carry a token", s.Header)
	case len(s.Forms) == 0:
		return Settings{}, errors.New("there are no prefixes")
	}
	for i, form := range s.Forms {
		if err := form.check(s.Forms[:i]); err != nil {
			return Settings{}, err
		}
	}
	s.Forms = slices.Clone(s.Forms)
	slices.SortStableFunc(s.Forms, func(a, b Form) int { return len(b.Prefix) - len(a.Prefix) })
	return s, nil
}

// check refuses a prefix that no value could have, and the same one twice.
func (f Form) check(others []Form) error {
	switch {
	case f.Parse == nil:
		return fmt.Errorf("prefix %q has no form", f.Prefix)
	case !visible(f.Prefix) || strings.ContainsAny(f.Prefix, ",!") || len(f.Prefix) >= longest:
		return fmt.Errorf("prefix %q holds what no token holds: white space, a comma, \"!\" or letters beyond ASCII", f.Prefix)
	case slices.ContainsFunc(others, func(other Form) bool { return other.Prefix == f.Prefix }):
		return fmt.Errorf("prefix %q stands twice", f.Prefix)
	default:
		return nil
	}
}

// visible reports whether text holds visible ASCII characters only.
func visible(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return true
}
