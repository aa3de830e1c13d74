package decider

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// sessionCookie is the name of the cookie.
const sessionCookie = "sid"

// longestCookie is what is looked at of one.
const longestCookie = 4096

// whoami answers whoever shows a cookie: whose session it is, that there is none, or
// nothing that anybody could read.
func (e *endpoint) whoami(w http.ResponseWriter, q *http.Request) {
	_, text, _ := strings.Cut(q.Header.Get("cookie"), "=")
	said, known := e.said[shown{KindAsked, text}]
	switch {
	case !known:
		w.WriteHeader(http.StatusUnauthorized)
	case said == "":
		w.WriteHeader(http.StatusInternalServerError)
	default:
		w.Header().Set("content-type", "application/json")
		_, _ = w.Write([]byte(said))
	}
}

// sessions are kept by a service that is asked whose a cookie is. Those that were
// revoked it does not know any more.
func (e *endpoint) sessions() Kind {
	settings := "session: {cookies: [" + sessionCookie + "], asked: {endpoint: '" + e.server.URL + "/whoami', max_age: 1m, claims: {expires: exp}}}"
	t := texts{KindAsked, settings, map[State][]subjectText{}, func(text string) bool {
		return len(text) > longestCookie || strings.ContainsAny(unquoted(text), `",;\`)
	}}
	for _, state := range storable() {
		for _, subject := range []string{"asked-ann", "asked-bob"} {
			text := fmt.Sprintf("%s-%d-0123456789abcdef", subject, state)
			t.made[state] = append(t.made[state], subjectText{text, subject})
			if state == Revoked {
				continue
			}
			e.said[shown{KindAsked, text}] = sessionOf(state, subject)
		}
	}
	t.made[Malformed] = []subjectText{{`in"side`, ""}, {"a,b", ""}, {strings.Repeat("s", longestCookie+1), ""}}
	return t.kind()
}

// unquoted is a cookie's value without the quotes that may stand around it (RFC 6265
// section 4.1.1).
func unquoted(text string) string {
	inner, begun := strings.CutPrefix(text, `"`)
	if inner, ended := strings.CutSuffix(inner, `"`); begun && ended {
		return inner
	}
	return text
}

// sessionOf is "" where there is no answer.
func sessionOf(state State, subject string) string {
	ends := map[State]time.Duration{Valid: 24 * time.Hour, Expired: -time.Hour}
	lasts, answers := ends[state]
	if !answers {
		return ""
	}
	return fmt.Sprintf(`{"sub":%q,"exp":%d}`, subject, time.Now().Add(lasts).Unix())
}
