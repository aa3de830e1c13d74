package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Bounds and defaults of the settings.
const (
	DefaultMaxAge = 5 * time.Second
	MostMaxAge    = time.Minute
	DefaultCalls  = 32
	MostCalls     = 256

	DefaultCSRFHeader = "x-csrf-token"
)

// Asker sends a request with nothing but a Cookie header, and gives the status of the
// answer, beside the whole body where that is 200 and application/json. It bounds time
// and bytes and follows no redirect. Its error holds nothing of what was sent.
type Asker interface {
	AskAs(ctx context.Context, method, url, cookie string) (status int, body []byte, err error)
}

// Asked are the settings of sessions that an endpoint tells of.
type Asked struct {
	// Cookies are the names, at least one. What one holds is sent to the endpoint under
	// its name.
	Cookies []string
	// Endpoint is the URL that is asked, by Asker; Method is GET or POST, and "" is GET.
	Endpoint, Method string
	Asker            Asker
	Gone             Gone
	// Live are members that every session's answer has, by name, with their values as
	// JSON writes them, a text without quotes: an answer without them is none.
	Live   map[string]string
	Claims Claims
	// Subject, unless "", is whose every session is, where the endpoint knows one person
	// only and does not name them. Not beside Claims.Subject, and only beside Live or
	// Claims.Expires: else any answer would be theirs.
	Subject string
	CSRF    CSRF
	// Scopes are those of every caller. Not beside Claims.Scopes.
	Scopes []string
	// MaxAge is how long an answer holds: above 0, at most MostMaxAge.
	MaxAge time.Duration
	// Timeout bounds one question, the wait for its turn included.
	Timeout time.Duration
	// MostCalls bounds the questions at once; 0 is the default.
	MostCalls int
	Now       func() time.Time
}

// CSRF asks requests that may change something for the token that the service made for
// the session, and shows to its own pages alone.
type CSRF struct {
	// Header is where pages show it, in lower case; "" asks for nothing.
	Header string
	// Claim is the member that holds it.
	Claim string
}

// Gone is how the endpoint says that there is no such session: with one of Statuses
// (401 where there are none), with null, or with all of Members, where there are any,
// which are as those of Asked.Live.
type Gone struct {
	Statuses []int
	Members  map[string]string
}

// Claims name the members that make a caller. A dot goes into an object.
type Claims struct {
	// Subject is "sub" where it is "", unless Asked.Subject says whose all are.
	Subject string
	// The others come from no member where they are "".
	Tenant, Role, Scopes, User, TokenID string
	// Expires is when the session ends: seconds since 1970, or a text of RFC 3339.
	Expires string
	// Pass are the members that policies and upstreams see.
	Pass []string
}

// settled gives the settings with their defaults, or says what is wrong.
func (s Asked) settled() (Asked, error) {
	if s.Method == "" {
		s.Method = http.MethodGet
	}
	if s.Claims.Subject == "" && s.Subject == "" {
		s.Claims.Subject = "sub"
	}
	if len(s.Gone.Statuses) == 0 {
		s.Gone.Statuses = []int{http.StatusUnauthorized}
	}
	if s.MostCalls == 0 {
		s.MostCalls = DefaultCalls
	}
	s.Gone = Gone{slices.Clone(s.Gone.Statuses), maps.Clone(s.Gone.Members)}
	s.Live = maps.Clone(s.Live)
	s.Scopes, s.Claims.Pass = slices.Clone(s.Scopes), slices.Clone(s.Claims.Pass)
	return s, s.check()
}

func (s Asked) check() error {
	switch {
	case s.Asker == nil || s.Now == nil:
		return errors.New("asker and clock are required")
	case s.Endpoint == "":
		return errors.New("no endpoint: nobody is asked")
	case s.Method != http.MethodGet && s.Method != http.MethodPost:
		return fmt.Errorf("method %q is neither GET nor POST", s.Method)
	case len(s.Scopes) > 0 && s.Claims.Scopes != "":
		return errors.New("scopes, and claims.scopes: one of the two is not meant")
	case slices.Contains(s.Claims.Pass, ""):
		return errors.New("a claim without a name")
	case s.MaxAge <= 0 || s.MaxAge > MostMaxAge:
		return fmt.Errorf("an age of %s is not above 0 and at most %s", s.MaxAge, MostMaxAge)
	case s.Timeout <= 0:
		return errors.New("no timeout")
	case s.MostCalls < 0 || s.MostCalls > MostCalls:
		return fmt.Errorf("%d calls at once are not between 1 and %d", s.MostCalls, MostCalls)
	default:
		return errors.Join(s.checkSubject(), s.CSRF.check(), s.Gone.check())
	}
}

// checkSubject refuses whom any answer would make a caller.
func (s Asked) checkSubject() error {
	_, nameless := s.Live[""]
	switch {
	case nameless:
		return errors.New("a member without a name")
	case s.Subject != "" && s.Claims.Subject != "":
		return errors.New("a subject, and a member that names one: one of the two is not meant")
	case s.Subject != "" && len(s.Live) == 0 && s.Claims.Expires == "":
		return fmt.Errorf("any answer would be a session of %q: neither members of every session nor when it ends", s.Subject)
	default:
		return nil
	}
}

func (c CSRF) check() error {
	switch {
	case (c.Header == "") != (c.Claim == ""):
		return errors.New("half of a csrf rule: a header, and the member that it repeats")
	case c.Header != "" && !authz.IsHeaderName(c.Header):
		return fmt.Errorf("header %q has no header's name", c.Header)
	default:
		return nil
	}
}

// check refuses a status that says nothing of a session: success, a fault of the
// endpoint's, too many questions, or one that comes from on the way.
func (g Gone) check() error {
	for _, status := range g.Statuses {
		if status < 300 || status > 499 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status == http.StatusProxyAuthRequired {
			return fmt.Errorf("status %d does not say that there is no session", status)
		}
	}
	if _, nameless := g.Members[""]; nameless {
		return errors.New("a member without a name")
	}
	return nil
}
