package decider

import (
	"net/http"
	"net/http/httptest"
)

// endpoint answers what it is asked: whose a session is, and what it has on record. Under
// another path it answers nothing at all.
type endpoint struct {
	server *httptest.Server
	// said is what it says of a text of a kind; "" is that it cannot be asked.
	said map[shown]string
}

func newEndpoint() *endpoint {
	e := &endpoint{said: map[shown]string{}}
	e.server = httptest.NewServer(http.HandlerFunc(e.answer))
	return e
}

func (e *endpoint) nowhere() string { return e.server.URL + "/nowhere" }

func (e *endpoint) answer(w http.ResponseWriter, q *http.Request) {
	switch q.URL.Path {
	case "/whoami":
		e.whoami(w, q)
	case "/records":
		e.records(w, q)
	default:
		w.WriteHeader(http.StatusInternalServerError)
	}
}
