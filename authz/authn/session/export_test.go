package session

import (
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Judge is what an answer says.
func Judge(s Asked, status int, body []byte, now time.Time) (authz.Caller, error, error) {
	s, err := s.settled()
	if err != nil {
		return authz.Caller{}, nil, err
	}
	found, err := s.judge(status, body, now)
	return found.caller, found.rejection, err
}
