package session

import (
	"context"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/facts"
)

// longestCookie is what browsers keep of one (RFC 6265 section 6.1).
const longestCookie = 4096

// asked knows the sessions that an endpoint tells of.
type asked struct {
	settings Asked
	desk     *facts.Desk[finding]
}

var _ source = asked{}

// NewAsked makes an Authenticator that asks an endpoint, or says what is wrong with the
// settings. Nobody is asked yet.
func NewAsked(settings Asked) (*Authenticator, error) {
	s, err := settings.settled()
	if err != nil {
		return nil, err
	}
	a := asked{settings: s}
	a.desk, err = facts.New(facts.Settings[finding]{Ask: s.question, MaxAge: s.MaxAge, Timeout: s.Timeout, MostCalls: s.MostCalls, Now: s.Now})
	if err != nil {
		return nil, fmt.Errorf("make a desk: %w", err)
	}
	return newAuthenticator(s.Cookies, s.CSRF.reads(), a)
}

// present gives the cookie as it is sent on: name=value. A cookie-value holds neither
// white space nor any of the signs that end it (RFC 6265 section 4.1.1).
func (a asked) present(request *authz.Request, name, value string) (authz.Credential, error) {
	switch {
	case value == "" || len(value) > longestCookie:
		return authz.Credential{}, fmt.Errorf("%w: no cookie of 1 to %d bytes", authz.ErrMalformed, longestCookie)
	case strings.ContainsFunc(unquoted(value), func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",;\`, r) }):
		return authz.Credential{}, fmt.Errorf("%w: no cookie's value", authz.ErrMalformed)
	default:
		return a.settings.CSRF.show(request, name+"="+value), nil
	}
}

// find asks once for all who show the same cookie.
func (a asked) find(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	cookie, shown := a.settings.CSRF.shown(credential)
	fact, err := a.desk.Ask(ctx, cookie)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("ask about a session: %w", err)
	}
	basis := authz.Basis{Lasting: true, Until: fact.Until}
	switch {
	case fact.Nothing:
		return authz.Caller{}, basis, fmt.Errorf("%w: %w", authz.ErrRejected, fact.Value.rejection)
	case !shown.proves(fact.Value.proof):
		return authz.Caller{}, basis, errForgedRequest
	default:
		return fact.Value.caller, basis, nil
	}
}

// question is one question about one cookie.
func (s Asked) question(ctx context.Context, cookie string) (facts.Fact[finding], error) {
	now := s.Now()
	status, body, err := s.Asker.AskAs(ctx, s.Method, s.Endpoint, cookie)
	if err != nil {
		return facts.Fact[finding]{}, err
	}
	found, err := s.judge(status, body, now)
	if err != nil {
		return facts.Fact[finding]{}, fmt.Errorf("the answer: %w", err)
	}
	_, value, _ := strings.Cut(cookie, "=")
	if proof := found.proof.Reveal(); found.caller.Shows(unquoted(value)) || proof != "" && found.caller.Shows(proof) {
		return facts.Fact[finding]{}, errTold
	}
	return facts.Fact[finding]{Value: found, Nothing: found.rejection != nil, Until: found.caller.Expires, Size: len(body)}, nil
}

// finding is what an answer says: a caller, or why there is none.
type finding struct {
	caller    authz.Caller
	rejection error
	// proof is what pages of the service's own show.
	proof authz.Secret
}

func nobody(why error) finding { return finding{rejection: why} }
