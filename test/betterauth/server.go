package betterauth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// URL is where Better Auth believes that it is reached, Host its host. It is what
// agents' JWTs are for.
const (
	URL  = "https://" + Host
	Host = "api.prood.test"
)

// The files of a folder of secrets.
const (
	CookieSecret = "better-auth.secret"
	RecordSecret = "records.secret"
)

// Server is a running Better Auth.
type Server struct {
	place  place
	client *http.Client
}

// place is what the program prints when it is ready.
type place struct {
	Auth    string `json:"auth"`
	Records string `json:"records"`
	Control string `json:"control"`
	PID     int    `json:"pid"`
}

// callLimit bounds one request.
const callLimit = 10 * time.Second

// Start runs a Better Auth with the secrets of the folder and the two shops of the
// example. It ends with the test.
func Start(t *testing.T, secrets string) *Server {
	t.Helper()
	s := &Server{client: &http.Client{Timeout: callLimit}}
	script, err := mesh.StartScript(t.Context(), "test/betterauth/betterauth.mjs", &s.place, secrets)
	check(t, err)
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		check(t, script.Stop())
	})
	return s
}

// check ends the test where there is an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Auth is "host:port" of Better Auth, Records of the door to its records.
func (s *Server) Auth() string { return s.place.Auth }

// Records is described at Auth.
func (s *Server) Records() string { return s.place.Records }

// Places says where it listens, by the addresses in the example's files.
func (s *Server) Places() mesh.Moves {
	return mesh.Moves{"127.0.0.1:3010": s.place.Auth, "127.0.0.1:3011": s.place.Records}
}

// Through is the same server, asked by way of a proxy at another "host:port".
func (s *Server) Through(address string) *Server {
	other := *s
	other.place.Auth = address
	return &other
}

// Asked are the kinds of the records that were asked for so far, in order.
func (s *Server) Asked(t *testing.T) []string {
	t.Helper()
	var kinds []string
	check(t, s.order(t.Context(), "asked", struct{}{}, &kinds))
	return kinds
}

// Verify uses a key up as Better Auth itself does, and gives its word for what is
// wrong with it, or "".
func (s *Server) Verify(t *testing.T, key string) string {
	t.Helper()
	var answer struct {
		Valid bool
		Error *struct{ Code string }
	}
	check(t, s.order(t.Context(), "verify", map[string]string{"key": key}, &answer))
	if answer.Valid != (answer.Error == nil) {
		t.Fatalf("Better Auth says of a key %+v", answer)
	}
	if answer.Error != nil {
		return answer.Error.Code
	}
	return ""
}

// order asks the program itself, beside what Better Auth serves.
func (s *Server) order(ctx context.Context, name string, settings, result any) error {
	text, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("encode order %s: %w", name, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.place.Control+"/"+name, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("make order %s: %w", name, err)
	}
	if err := s.exchange(request, result); err != nil {
		return fmt.Errorf("order %s: %w", name, err)
	}
	return nil
}

// question is a request to Better Auth. A body makes it a POST.
type question struct {
	path   string
	cookie string
	bearer string
	body   any
}

// ask sends a question as a browser on Better Auth's own pages does, or an agent.
func (s *Server) ask(ctx context.Context, q question, result any) error {
	request, err := q.request(ctx, "http://"+s.place.Auth+"/api/auth")
	if err != nil {
		return err
	}
	if err := s.exchange(request, result); err != nil {
		return fmt.Errorf("%s: %w", q.path, err)
	}
	return nil
}

func (q question) request(ctx context.Context, base string) (*http.Request, error) {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return nil, fmt.Errorf("encode question: %w", err)
		}
		method, body = http.MethodPost, bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, base+q.path, body)
	if err != nil {
		return nil, fmt.Errorf("make question: %w", err)
	}
	request.Host = Host
	request.Header.Set("Content-Type", "application/json")
	if q.cookie != "" {
		request.Header.Set("Cookie", Cookie+"="+q.cookie)
		request.Header.Set("Origin", URL)
	}
	if q.bearer != "" {
		request.Header.Set("Authorization", "Bearer "+q.bearer)
	}
	return request, nil
}

// RefusedError is an answer other than 200.
type RefusedError struct {
	Status int
	Body   string
}

// Error implements error.
func (r RefusedError) Error() string { return fmt.Sprintf("answered %d: %s", r.Status, r.Body) }

// exchange sends a request and decodes the JSON of its answer; nil decodes nothing.
func (s *Server) exchange(request *http.Request, result any) error {
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return RefusedError{response.StatusCode, string(body)}
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(body, result); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	if cookies, ok := result.(interface{ received(cookies []*http.Cookie) }); ok {
		cookies.received(response.Cookies())
	}
	return nil
}
