package decider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

const (
	agentPrefix  = "agt_"
	longestToken = 8192
)

// endpoint answers what it is asked about tokens (RFC 7662), under a path for each kind,
// and elsewhere nothing at all.
type endpoint struct {
	server *httptest.Server
	said   map[shown]string
}

func newEndpoint() *endpoint {
	e := &endpoint{said: map[shown]string{}}
	e.server = httptest.NewServer(http.HandlerFunc(e.answer))
	return e
}

func (e *endpoint) nowhere() string { return e.server.URL + "/nowhere" }

func (e *endpoint) answer(w http.ResponseWriter, q *http.Request) {
	if q.URL.Path == "/whoami" {
		e.whoami(w, q)
		return
	}
	kind, isIntrospection := strings.CutPrefix(q.URL.Path, "/introspect/")
	said, known := e.said[shown{kind, q.PostFormValue("token")}]
	if !isIntrospection || known && said == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if !known {
		said = `{"active":false}`
	}
	w.Header().Set("content-type", "application/json")
	_, _ = w.Write([]byte(said))
}

// asked are opaque tokens about which the endpoint is asked: of a prefix, or all.
func (e *endpoint) asked(kind, prefix string) Kind {
	settings := "introspection: {endpoint: '" + e.server.URL + "/introspect/" + kind + "', bearer_token: 'file:client.token', any_audience: true, max_age: 5m, header: HEADER"
	if prefix != "" {
		settings += ", prefix: " + prefix
	}
	t := texts{kind, settings + "}", map[State][]subjectText{}, func(text string) bool {
		return len(text) > longestToken || strings.Trim(text, "-._~+/="+alphanumeric) != ""
	}}
	for _, state := range storable() {
		for _, subject := range []string{kind + "-ann", kind + "-bob"} {
			text := fmt.Sprintf("%s%s-%d-0123456789abcdef", prefix, subject, state)
			e.said[shown{kind, text}] = answerOf(state, subject)
			t.made[state] = append(t.made[state], subjectText{text, subject})
		}
	}
	t.made[Malformed] = []subjectText{{prefix + "\"quoted\"", ""}, {prefix + strings.Repeat("s", longestToken+1), ""}}
	return t.kind()
}

// answerOf is "" where there is no answer.
func answerOf(state State, subject string) string {
	switch state {
	case Valid:
		return fmt.Sprintf(`{"active":true,"token_type":"Bearer","sub":%q}`, subject)
	case Expired:
		return fmt.Sprintf(`{"active":true,"token_type":"Bearer","sub":%q,"exp":%d}`, subject, time.Now().Add(-time.Hour).Unix())
	case Revoked:
		return `{"active":false}`
	default:
		return ""
	}
}
