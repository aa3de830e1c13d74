package introspection

import (
	"context"
	"errors"
	"net/url"

	"github.com/sallyport-authz/sallyport/authz/facts"
)

var errTold = errors.New("the answer: a member that is passed on says the token itself: name another one")

// question asks the endpoint about one token.
func (s Settings) question(ctx context.Context, token string) (facts.Fact[finding], error) {
	asked := s.Now()
	text, err := s.Asker.PostForm(ctx, s.Endpoint, s.Authorization.Reveal(), s.form(token))
	if err != nil {
		return facts.Fact[finding]{}, err //nolint:wrapcheck // it says what was asked, and who is asked names the kind
	}
	found, err := s.judge(text, asked)
	switch {
	case err != nil:
		return facts.Fact[finding]{}, err
	case found.caller.Shows(token):
		return facts.Fact[finding]{}, errTold
	default:
		return facts.Fact[finding]{Value: found, Nothing: found.rejection != nil, Until: found.until, Size: len(text)}, nil
	}
}

// form is RFC 7662 section 2.1.
func (s Settings) form(token string) string {
	form := url.Values{"token": {token}}
	if s.Hint != None {
		form.Set("token_type_hint", s.Hint)
	}
	return form.Encode()
}
