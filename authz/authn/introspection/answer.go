package introspection

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// longestAnswer bounds what is read of an endpoint.
const longestAnswer = 64 << 10

// finding is what an answer says: a caller, or why there is none.
type finding struct {
	caller    authz.Caller
	rejection error
	// until is when it may turn by itself; the zero time is never.
	until time.Time
}

// judge reads an answer (RFC 7662 section 2.2) to a question that was asked at this
// time. An error means that nobody can tell.
func (s Settings) judge(text []byte, asked time.Time) (finding, error) {
	if len(text) > longestAnswer {
		return finding{}, fmt.Errorf("the answer has more than %d bytes", longestAnswer)
	}
	answer, err := claimset.Read(text)
	if err != nil {
		return finding{}, fmt.Errorf("the answer: %w", err)
	}
	active, isBool := answer["active"].(bool)
	switch {
	case !isBool:
		return finding{}, errors.New("the answer: active is neither true nor false")
	case !active:
		return rejected(errors.New("the token is not active"), time.Time{}), nil
	}
	ends, begins, err := s.lifetime(answer)
	if err != nil {
		return finding{}, fmt.Errorf("the answer: %w", err)
	}
	rejection, errForUs := s.forUs(answer)
	caller, errCaller := answer.Caller(s.Claims)
	if err := errors.Join(errForUs, errCaller); err != nil {
		return finding{}, fmt.Errorf("the answer: %w", err)
	}
	turns := time.Time{}
	switch {
	case !ends.IsZero() && !asked.Before(ends):
		rejection = errors.New("expired")
	case asked.Before(begins):
		rejection, turns = errors.New("nbf or iat is to come"), begins
	case rejection == nil && caller.Subject == "":
		rejection = fmt.Errorf("member %q is missing: nobody calls", s.Claims.Subject)
	}
	if rejection != nil {
		return rejected(rejection, turns), nil
	}
	caller.Expires = ends
	return finding{caller: caller, until: ends}, nil
}

// rejected is certain until the time, of which zero is never.
func rejected(why error, until time.Time) finding { return finding{rejection: why, until: until} }

// lifetime gives from when to when the token is valid for us, which includes what
// clocks may differ by; the zero time is always and for ever.
func (s Settings) lifetime(answer claimset.Set) (ends, begins time.Time, err error) {
	expires, there, err := answer.Date("exp")
	if err != nil {
		return ends, begins, fmt.Errorf("exp is %w", err)
	}
	if there {
		ends = expires.Add(s.Skew)
	}
	for _, name := range []string{"nbf", "iat"} {
		begin, there, err := answer.Date(name)
		if err != nil {
			return ends, begins, fmt.Errorf("%s is %w", name, err)
		}
		if begin = begin.Add(-s.Skew); there && begin.After(begins) {
			begins = begin
		}
	}
	return ends, begins, nil
}

// forUs says why an active token is not one for us, or nil. An error means that the
// answer cannot be read.
func (s Settings) forUs(answer claimset.Set) (refusal, err error) {
	kind, errKind := optional(answer, "token_type", None)
	issuer, errIssuer := optional(answer, "iss", "")
	audiences, errAudience := audiences(answer)
	if err := errors.Join(errKind, errIssuer, errAudience); err != nil {
		return nil, err
	}
	_, bound := answer["cnf"]
	isKind := func(accepted string) bool { return strings.EqualFold(accepted, kind) }
	isOurs := func(audience string) bool { return slices.Contains(s.Audiences, audience) }
	switch {
	case bound:
		return errors.New("the token is bound to a key (RFC 7800), and nobody looks at the proof"), nil
	case !slices.ContainsFunc(s.Types, isKind):
		return errors.New("token_type is not accepted"), nil
	case s.Issuer != "" && issuer != s.Issuer:
		return errors.New("iss is another issuer"), nil
	case !s.AnyAudience && !slices.ContainsFunc(audiences, isOurs):
		return errors.New("aud is another service"), nil
	default:
		return nil, nil
	}
}

// optional gives a member's text, or the fallback where there is none. A text that
// says the fallback is another than none.
func optional(answer claimset.Set, name, fallback string) (string, error) {
	value, there := answer[name]
	text, isText := value.(string)
	switch {
	case !there:
		return fallback, nil
	case !isText || text == "" || strings.EqualFold(text, fallback):
		return "", fmt.Errorf("%s is no text that names one", name)
	default:
		return text, nil
	}
}

func audiences(answer claimset.Set) ([]string, error) {
	value, there := answer["aud"]
	if !there {
		return nil, nil
	}
	list, err := claimset.Texts(value)
	if err != nil {
		return nil, fmt.Errorf("aud is %w", err)
	}
	return list, nil
}
