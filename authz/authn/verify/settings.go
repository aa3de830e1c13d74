package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// Bounds and defaults of the settings.
const (
	DefaultCalls   = 32
	MostCalls      = 256
	DefaultTimeout = time.Second
	mostBytes      = 8 << 10
)

const (
	authorization = "authorization"
	bearer        = "bearer"
)

// Asker posts a JSON text, once at the most, with an Authorization header unless that is
// "". It bounds time and bytes, follows no redirect, and gives what a 200 of
// application/json carries or an error, which holds nothing of what was sent.
type Asker interface {
	PostOnce(ctx context.Context, url, authorization, text string) ([]byte, error)
}

// Settings are one hook.
type Settings struct {
	// Endpoint is the URL that is asked, by Asker, with Bearer unless that is empty.
	Endpoint string
	Bearer   authz.Secret
	Asker    Asker
	// Header is the header's name in any case; "" is authorization with the scheme
	// Bearer. Any other header holds the token alone.
	Header string
	// Prefix, unless "", is what every token of this authenticator begins with.
	Prefix string
	// Claims name the members of claims. Subject is "userId" and Scopes "scopes" where
	// they are "".
	Claims claimset.Names
	// Timeout bounds one question, the wait for its turn included.
	Timeout time.Duration
	// MostCalls bounds the questions at once; 0 is DefaultCalls.
	MostCalls int
}

// settled gives the settings with their defaults, or says what is wrong.
func (s Settings) settled() (Settings, error) {
	s.Header = cmp.Or(strings.ToLower(s.Header), authorization)
	s.Claims.Subject = cmp.Or(s.Claims.Subject, "userId")
	s.Claims.Scopes = cmp.Or(s.Claims.Scopes, "scopes")
	s.Claims.Pass = slices.Clone(s.Claims.Pass)
	s.MostCalls = cmp.Or(s.MostCalls, DefaultCalls)
	switch {
	case s.Asker == nil:
		return s, errors.New("an asker is required")
	case s.Endpoint == "":
		return s, errors.New("no endpoint: nobody is asked")
	case !keylist.Visible(s.Bearer.Reveal()):
		return s, errors.New("a credential for the hook that no header can carry")
	case !authz.MayCarry(s.Header):
		return s, fmt.Errorf("header %q cannot carry a token", s.Header)
	case !keylist.Visible(s.Prefix) || strings.Contains(s.Prefix, "!") || len(s.Prefix) >= mostBytes:
		return s, fmt.Errorf("prefix %q holds what no token holds", s.Prefix)
	case s.Claims.Nameless():
		return s, errors.New("a claim without a name")
	case s.Timeout <= 0:
		return s, errors.New("no timeout")
	case s.MostCalls < 0 || s.MostCalls > MostCalls:
		return s, fmt.Errorf("%d calls at once are not between 1 and %d", s.MostCalls, MostCalls)
	default:
		return s, nil
	}
}
