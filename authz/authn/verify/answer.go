package verify

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// longestAnswer bounds what is read of a hook.
const longestAnswer = 64 << 10

// What is wrong with an answer. None of these texts holds any of it.
var (
	errLong      = fmt.Errorf("the answer has more than %d bytes", longestAnswer)
	errMember    = errors.New("the answer: a member that is neither token nor claims")
	errToken     = errors.New("the answer: token is not the one that was asked about")
	errNoClaims  = errors.New("the answer: claims is no object")
	errNobody    = errors.New("the answer: the claims name nobody")
	errTold      = errors.New("the answer: a claim that is passed on says the token itself: name another one")
	errNotActive = fmt.Errorf("%w: the hook does not know the token", authz.ErrRejected)
)

// judge reads what the hook said of a token. An error that does not wrap
// authz.ErrRejected means that nobody can tell.
func (s Settings) judge(text []byte, token string) (authz.Caller, error) {
	if len(text) > longestAnswer {
		return authz.Caller{}, errLong
	}
	if strings.Trim(string(text), " \t\r\n") == "null" {
		return authz.Caller{}, errNotActive
	}
	answer, err := claimset.Read(text)
	if err != nil {
		return authz.Caller{}, fmt.Errorf("the answer: %w", err)
	}
	claims, err := members(answer, token)
	if err != nil {
		return authz.Caller{}, err
	}
	caller, err := claims.Caller(s.Claims)
	switch {
	case err != nil:
		return authz.Caller{}, fmt.Errorf("the answer: %w", err)
	case caller.Subject == "":
		return authz.Caller{}, errNobody
	case caller.Shows(token):
		return authz.Caller{}, errTold
	default:
		return caller, nil
	}
}

// members gives the claims. What else an answer might say, as active: false, is not read
// over.
func members(answer claimset.Set, token string) (claimset.Set, error) {
	for name := range answer {
		if name != "token" && name != "claims" {
			return nil, errMember
		}
	}
	if told, there := answer["token"]; there && told != token {
		return nil, errToken
	}
	claims, isObject := answer["claims"].(map[string]any)
	if !isObject {
		return nil, errNoClaims
	}
	return claims, nil
}
