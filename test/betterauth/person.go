package betterauth

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
)

// Cookie is the name of the session cookie where the URL begins with https.
const Cookie = "__Secure-better-auth.session_token"

// The shops that are there from the start, as organizations, and who owns each.
const (
	Acme = "A"
	Bolt = "B"
	Ann  = "ann@acme.test"
	Bob  = "bob@bolt.test"
)

// Person is somebody with a session of their own.
type Person struct {
	server *Server
	id     string
	email  string
	cookie string
}

// SignUp makes an account of that name, with an address of its own, and a session.
func (s *Server) SignUp(t *testing.T, name string) *Person {
	t.Helper()
	email := strings.ToLower(name+"."+rand.Text()) + "@people.test"
	return s.enter(t, "/sign-up/email", map[string]string{"name": name, "email": email, "password": "the password of " + name})
}

// SignIn makes another session of a shop's owner.
func (s *Server) SignIn(t *testing.T, email string) *Person {
	t.Helper()
	name := map[string]string{Ann: "Ann", Bob: "Bob"}[email]
	return s.enter(t, "/sign-in/email", map[string]string{"email": email, "password": "an example, " + name})
}

func (s *Server) enter(t *testing.T, path string, account map[string]string) *Person {
	t.Helper()
	var e entered
	check(t, s.ask(t.Context(), question{path: path, body: account}, &e))
	return &Person{server: s, id: e.User.ID, email: account["email"], cookie: e.cookie}
}

// entered is the answer to who signs up or in.
type entered struct {
	User   struct{ ID string }
	cookie string
}

func (e *entered) received(cookies []*http.Cookie) {
	for _, c := range cookies {
		if c.Name == Cookie {
			e.cookie = c.Value
		}
	}
}

// ID is the user's.
func (p *Person) ID() string { return p.id }

// Cookie is the value of the session cookie, as it is sent: escaped, token, dot and
// signature.
func (p *Person) Cookie() string { return p.cookie }

// SessionToken is what stands before the dot.
func (p *Person) SessionToken() string {
	token, _, _ := strings.Cut(p.cookie, ".")
	return token
}

// Session is what Better Auth says of a session; the zero one is none.
type Session struct {
	Token                string
	UserID               string `json:"userId"`
	ActiveOrganizationID string `json:"activeOrganizationId"`
}

// Session asks Better Auth for the person's session.
func (p *Person) Session(t *testing.T) Session {
	t.Helper()
	var answer *struct{ Session Session }
	p.do(t, "/get-session", nil, &answer)
	if answer == nil {
		return Session{}
	}
	return answer.Session
}

// SignOut ends the session.
func (p *Person) SignOut(t *testing.T) {
	t.Helper()
	p.do(t, "/sign-out", struct{}{}, nil)
}

// do asks for what is not refused.
func (p *Person) do(t *testing.T, path string, body, result any) {
	t.Helper()
	check(t, p.ask(t.Context(), path, body, result))
}

func (p *Person) ask(ctx context.Context, path string, body, result any) error {
	return p.server.ask(ctx, question{path: path, cookie: p.cookie, body: body}, result)
}
