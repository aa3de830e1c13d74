package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// longestAnswer bounds what is read of an endpoint.
const longestAnswer = 64 << 10

var errTold = errors.New("the answer: a member that is passed on says the cookie itself: name another one")

// judge reads an answer. An error means that nobody can tell.
func (s Asked) judge(status int, body []byte, now time.Time) (finding, error) {
	switch {
	case slices.Contains(s.Gone.Statuses, status):
		return nobody(fmt.Errorf("no session: status %d", status)), nil
	case status != http.StatusOK:
		return finding{}, fmt.Errorf("status %d", status)
	case len(body) > longestAnswer:
		return finding{}, fmt.Errorf("more than %d bytes", longestAnswer)
	case string(bytes.TrimSpace(body)) == "null":
		return nobody(errors.New("no session: null")), nil
	}
	answer, err := claimset.Read(body)
	if err != nil {
		return finding{}, err
	}
	if len(s.Gone.Members) > 0 && says(answer, s.Gone.Members) {
		return nobody(errors.New("no session, as the answer's members say")), nil
	}
	caller, errCaller := s.caller(answer)
	proof, errProof := s.CSRF.proof(answer)
	switch {
	case errCaller != nil || errProof != nil:
		return finding{}, errors.Join(errCaller, errProof)
	case !says(answer, s.Live):
		return finding{}, errors.New("a member that every session's answer has is missing, or another")
	case caller.Subject == "":
		return finding{}, fmt.Errorf("member %q is missing: nobody calls", s.Claims.Subject)
	case !caller.Expires.IsZero() && !now.Before(caller.Expires):
		return nobody(errors.New("the session has ended")), nil
	default:
		return finding{caller: caller, proof: proof}, nil
	}
}

// says reports an answer that has every one of the members.
func says(answer claimset.Set, members map[string]string) bool {
	for name, want := range members {
		value, there := answer.Lookup(name)
		if got, plain := written(value); !there || !plain || got != want {
			return false
		}
	}
	return true
}

// written is how JSON writes a value that is neither a list nor an object; a text is
// without its quotes.
func written(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "null", true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	case string:
		return v, true
	default:
		return "", false
	}
}

// caller makes the caller. Its subject may be empty. A member that is null is none.
func (s Asked) caller(answer claimset.Set) (authz.Caller, error) {
	names := claimset.Names{Pass: s.Claims.Pass}
	for _, part := range []struct {
		into *string
		name string
	}{
		{&names.Subject, s.Claims.Subject},
		{&names.Tenant, s.Claims.Tenant},
		{&names.Role, s.Claims.Role},
		{&names.Scopes, s.Claims.Scopes},
		{&names.User, s.Claims.User},
		{&names.TokenID, s.Claims.TokenID},
	} {
		if value, _ := answer.Lookup(part.name); value != nil {
			*part.into = part.name
		}
	}
	c, err := answer.Caller(names)
	if err != nil {
		return authz.Caller{}, fmt.Errorf("member: %w", err)
	}
	if s.Subject != "" {
		c.Subject = s.Subject
	}
	if s.Claims.Scopes == "" {
		c.Scopes = s.Scopes
	}
	if s.Claims.Expires != "" {
		c.Expires, err = moment(answer, s.Claims.Expires)
	}
	return c, err
}

// moment reads a time that must be there: whole seconds since 1970 (RFC 7519 section
// 2), or a text (RFC 3339).
func moment(answer claimset.Set, name string) (time.Time, error) {
	value, _ := answer.Lookup(name)
	if text, isText := value.(string); isText {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || at.IsZero() {
			return time.Time{}, fmt.Errorf("member %q is no time of RFC 3339", name)
		}
		return at, nil
	}
	at, there, err := claimset.Set{name: value}.Date(name)
	if _, isNumber := value.(json.Number); !there || !isNumber || err != nil {
		return time.Time{}, fmt.Errorf("member %q is no time: seconds, or a text of RFC 3339", name)
	}
	return at, nil
}
