package session_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/session"
)

const (
	endpoint = "https://id.example/api/whoami"
	sid      = "casdoor_session_id"
	proof    = "k2Jd8sQ0zYvXw3Lm"
	whoami   = `{"active":true,"csrf":"k2Jd8sQ0zYvXw3Lm","identity":{"id":"u-ann","org":"A","role":"owner"},"expires_at":"2026-03-04T06:06:07.000Z","groups":["staff"]}`
)

// told is an answer.
type told struct {
	status int
	body   string
	err    error
}

// fake answers about cookies by their values; of others it says that there is no session.
type fake struct {
	answers map[string]told
	// hold, unless nil, is what every answer waits for.
	hold  chan struct{}
	calls atomic.Int64
}

func (f *fake) AskAs(ctx context.Context, method, url, cookie string) (int, []byte, error) {
	f.calls.Add(1)
	name, value, _ := strings.Cut(cookie, "=")
	if url != endpoint || name != sid || method != http.MethodGet && method != http.MethodPost {
		return 0, nil, errors.New("a question that no endpoint takes")
	}
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
	}
	answer, known := f.answers[value]
	if !known {
		return http.StatusUnauthorized, nil, nil
	}
	return answer.status, []byte(answer.body), answer.err
}

const annSession = "0f3c9d1a7b5e4c2d"

// asking asks f; a change makes the settings others.
func asking(f session.Asker, changes ...func(*session.Asked)) session.Asked {
	s := session.Asked{
		Cookies: []string{sid}, Endpoint: endpoint, Asker: f, Scopes: []string{"all"},
		Claims: session.Claims{Subject: "identity.id", Tenant: "identity.org", Role: "identity.role", Expires: "expires_at", Pass: []string{"groups"}},
		MaxAge: 5 * time.Second, Timeout: 5 * time.Second, Now: func() time.Time { return today },
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// forged asks requests that may change something for the session's own token.
func forged(s *session.Asked) { s.CSRF = session.CSRF{Header: "x-csrf-token", Claim: "csrf"} }

func about(value, body string) *fake { return &fake{answers: map[string]told{value: {200, body, nil}}} }

func newAsked(t testing.TB, s session.Asked) *session.Authenticator {
	t.Helper()
	a, err := session.NewAsked(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContractOfAsked(t *testing.T) {
	for name, change := range map[string]func(*session.Asked){"plain": func(*session.Asked) {}, "with a csrf rule": forged} {
		t.Run(name, func(t *testing.T) {
			authntest.Run(t, authntest.Suite{
				New: func(t testing.TB) authntest.Subject {
					t.Helper()
					f := about(annSession, whoami)
					f.answers["session-that-reads"] = told{200, whoami, nil}
					f.answers["session-of-another"] = told{200, strings.Replace(whoami, proof, proof[1:]+"a", 1), nil}
					f.answers["session-of-a-fault"] = told{500, "", nil}
					f.answers["session-that-is-null"] = told{200, "null", nil}
					f.answers["session-without-answer"] = told{0, "", errDown}
					a := newAsked(t, asking(f, change))
					return authntest.Subject{Traits: a.Traits(), Authenticator: a}
				},
				Present: func(a *authz.Attributes, value string) {
					authntest.ByHeader("x-csrf-token", "")(a, proof)
					authntest.ByCookie(sid)(a, value)
					if value == "session-that-reads" { // else no upgrade matters
						a.Request.Method = "GET"
						authntest.ByHeader("x-csrf-token", "")(a, "")
					}
				},
				Valid:       []string{annSession, "session-that-reads"},
				Rejected:    []string{"made-up-session", "session-that-is-null"},
				Barred:      map[bool][]string{true: {"session-of-another"}}[name != "plain"],
				Malformed:   []string{"a session with spaces", `half-of-"a-quote`, strings.Repeat("a", 4097)},
				Unavailable: []string{"session-of-a-fault", "session-without-answer"},
			})
		})
	}
}

// TestForgedRequests (M33): what may change something shows the token of its own session.
// Each case of show and proves has a row that turns.
func TestForgedRequests(t *testing.T) {
	a := newAsked(t, asking(about(annSession, whoami), forged))
	for _, test := range []struct {
		name, method string
		headers      []authz.Header
		want         error
	}{
		{"safe", "GET", nil, nil},
		{"safe, with another's", "HEAD", []authz.Header{{Name: "x-csrf-token", Value: "x"}}, nil},
		{"its own", "POST", []authz.Header{{Name: "x-csrf-token", Value: proof}}, nil},
		{"none", "POST", nil, authz.ErrBarred},
		{"any other method", "PURGE", nil, authz.ErrBarred},
		{"an upgrade", "GET", []authz.Header{{Name: "upgrade", Value: "websocket"}}, authz.ErrBarred},
		{"empty", "DELETE", []authz.Header{{Name: "x-csrf-token", Value: ""}}, authz.ErrBarred},
		{"another's", "POST", []authz.Header{{Name: "x-csrf-token", Value: proof[1:] + "a"}}, authz.ErrBarred},
		{"shorter", "POST", []authz.Header{{Name: "x-csrf-token", Value: proof[1:]}}, authz.ErrBarred},
		{"the cookie", "POST", []authz.Header{{Name: "x-csrf-token", Value: annSession}}, authz.ErrBarred},
		{"twice", "POST", []authz.Header{{Name: "x-csrf-token", Value: proof}, {Name: "x-csrf-token", Value: proof}}, authz.ErrBarred},
		{"another header", "POST", []authz.Header{{Name: "x-xsrf-token", Value: proof}}, authz.ErrBarred},
	} {
		t.Run(test.name, func(t *testing.T) {
			attributes := request(shop, sid+"="+annSession)
			attributes.Request.Method = test.method
			attributes.Request.Headers.List = append(attributes.Request.Headers.List, test.headers...)
			credential, err := a.Extract(attributes)
			if err != nil {
				t.Fatal(err)
			}
			caller, basis, err := a.Authenticate(t.Context(), credential)
			if !errors.Is(err, test.want) || (caller.Subject != "") != (test.want == nil) || basis.Until != today.Add(5*time.Second) {
				t.Errorf("got %q, %v, resting on %+v, want %v", caller.Subject, err, basis, test.want)
			}
		})
	}
}

// TestOnePerson: where the endpoint knows one person and does not name them, an answer
// that says that there is a session is theirs, and no other one.
func TestOnePerson(t *testing.T) {
	const live = `{"authenticated":true,"csrfToken":"k2Jd8sQ0zYvXw3Lm","expiresAt":"2026-03-04T06:06:07Z"}`
	for body, want := range map[string]string{
		live: "admin", strings.Replace(live, "true", "false", 1): "", strings.Replace(live, "true", `"yes"`, 1): "", `{}`: "", `{"authenticated":true}`: "",
	} {
		a := newAsked(t, asking(about(annSession, body), func(s *session.Asked) {
			s.Subject, s.Live, s.Claims = "admin", map[string]string{"authenticated": "true"}, session.Claims{Expires: "expiresAt"}
		}))
		caller, _, err := a.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(sid + "=" + annSession)})
		if caller.Subject != want || (want == "") != unknown(err) {
			t.Errorf("%s: got %q, %v, want %q, or that nobody can tell", body, caller.Subject, err, want)
		}
	}
}

// TestAsked (H13): the caller is who the endpoint says, and that holds as long as the
// answer may.
func TestAsked(t *testing.T) {
	f := about(annSession, whoami)
	f.answers["session-that-ends"] = told{200, strings.Replace(whoami, "T06:06:07", "T05:06:09", 1), nil}
	a := newAsked(t, asking(f))
	credential, err := a.Extract(request(shop, "theme=dark", sid+"="+annSession))
	if err != nil {
		t.Fatal(err)
	}
	got, basis, err := a.Authenticate(t.Context(), credential)
	if err != nil {
		t.Fatal(err)
	}
	want := authz.Caller{
		Subject: "u-ann", Tenant: "A", Role: "owner", Scopes: []string{"all"}, Expires: today.Add(time.Hour),
		Claims: map[string]any{"groups": []any{"staff"}},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("caller (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(basis, authz.Basis{Lasting: true, Until: today.Add(5 * time.Second)}); diff != "" {
		t.Errorf("basis (-got +want):\n%s", diff)
	}
	_, basis, err = a.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(sid + "=session-that-ends")})
	if !basis.Until.Equal(today.Add(2*time.Second)) || err != nil {
		t.Errorf("a session that ends in two seconds counts until %s, %v", basis.Until, err)
	}
}

// TestAnswers: what is no whole answer is none. Each case of judge, caller and moment has
// a row that turns.
func TestAnswers(t *testing.T) {
	rejected, other := authz.ErrRejected, errors.New("nobody can tell")
	with := func(old, replacement string) told {
		return told{200, strings.Replace(whoami, old, replacement, 1), nil}
	}
	gone := func(s *session.Asked) {
		s.Gone = session.Gone{Statuses: []int{403, 302}, Members: map[string]string{"status": "error", "code": "7", "active": "false", "data": "null"}}
	}
	live := func(s *session.Asked) { s.Live = map[string]string{"active": "true"} }
	scoped := func(s *session.Asked) { s.Scopes, s.Claims.Scopes = nil, "scope" }
	for _, test := range []struct {
		name   string
		change func(*session.Asked)
		answer told
		want   error
	}{
		{"whole", nil, told{200, whoami, nil}, nil},
		{"no session", nil, told{401, whoami, nil}, rejected},
		{"null", nil, told{200, " null\n", nil}, rejected},
		{"ended", nil, with("T06:06:07", "T05:06:07"), rejected},
		{"ended, in seconds", nil, with(`"2026-03-04T06:06:07.000Z"`, "1772600767"), rejected},
		{"an end in seconds", nil, with(`"2026-03-04T06:06:07.000Z"`, "1772604367"), nil},
		{"no tenant", nil, with(`"org":"A",`, ""), nil},
		{"a tenant of null", nil, with(`"org":"A"`, `"org":null`), nil},
		{"not found", nil, told{404, whoami, nil}, other},
		{"forbidden", nil, told{403, whoami, nil}, other},
		{"a fault", nil, told{500, whoami, nil}, other},
		{"a redirect", nil, told{302, whoami, nil}, other},
		{"created", nil, told{201, whoami, nil}, other},
		{"nothing", nil, told{200, "", nil}, other},
		{"no JSON", nil, told{200, "<html>", nil}, other},
		{"no object", nil, told{200, "[" + whoami + "]", nil}, other},
		{"a member twice", nil, with(`"active":true`, `"identity":{},"active":true`), other},
		{"too long", nil, told{200, whoami + strings.Repeat(" ", 64<<10), nil}, other},
		{"no answer", nil, told{0, whoami, errDown}, other},
		{"no subject", nil, with(`"id":"u-ann"`, `"id":null`), other},
		{"an empty subject", nil, with(`"id":"u-ann"`, `"id":""`), other},
		{"a subject that is no text", nil, with(`"id":"u-ann"`, `"id":7`), other},
		{"a subject in two lines", nil, with(`u-ann`, `u\nann`), other},
		{"a role that is no text", nil, with(`"role":"owner"`, `"role":true`), other},
		{"no end", nil, with(`"expires_at"`, `"expires"`), other},
		{"an end of null", nil, with(`"2026-03-04T06:06:07.000Z"`, "null"), other},
		{"an end that is no time", nil, with(`06:06:07`, "late"), other},
		{"an end in the year 1", nil, with(`2026-03-04T06:06:07.000Z`, "0001-01-01T00:00:00Z"), other},
		{"an end that is a list", nil, with(`"2026-03-04T06:06:07.000Z"`, "[1772604367]"), other},
		{"an end in milliseconds", nil, with(`"2026-03-04T06:06:07.000Z"`, "1772604367000"), other},
		{"the cookie in the answer", nil, with("u-ann", "u-"+annSession), other},
		{"the cookie in a claim", nil, with("staff", annSession), other},
		{"a status of the operator's", gone, told{403, "", nil}, rejected},
		{"a redirect of the operator's", gone, told{302, "", nil}, rejected},
		{"the default beside them", gone, told{401, "", nil}, other},
		{"members that say so", gone, told{200, `{"status":"error","code":7,"active":false,"data":null}`, nil}, rejected},
		{"one of them another", gone, told{200, `{"status":"error","code":8,"active":false,"data":null}`, nil}, other},
		{"one of them missing", gone, told{200, `{"status":"error","code":7,"active":false}`, nil}, other},
		{"one of them an object", gone, told{200, `{"status":{},"code":7,"active":false,"data":null}`, nil}, other},
		{"members, and somebody", gone, with(`"active":true`, `"active":false,"status":"error","code":7,"data":null`), rejected},
		{"members of every session", live, told{200, whoami, nil}, nil},
		{"one of them another", live, with(`"active":true`, `"active":false`), other},
		{"one of them a text", live, with(`"active":true`, `"active":"TRUE"`), other},
		{"one of them missing", live, with(`"active":true,`, ""), other},
		{"a csrf token", forged, told{200, whoami, nil}, nil},
		{"no csrf token", forged, with(`"csrf"`, `"csrf2"`), other},
		{"a short csrf token", forged, with(proof, proof[1:]), other},
		{"a csrf token that is no text", forged, with(`"`+proof+`"`, "7"), other},
		{"a csrf token that others see", forged, with("staff", proof), other},
		{"scopes", scoped, with(`"active":true`, `"scope":"read write"`), nil},
		{"no scopes", scoped, told{200, whoami, nil}, nil},
		{"scopes that are none", scoped, with(`"active":true`, `"scope":[1]`), other},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{answers: map[string]told{annSession: test.answer}}
			s := asking(f)
			if test.change != nil {
				test.change(&s)
			}
			caller, basis, err := newAsked(t, s).Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(sid + "=" + annSession)})
			switch {
			case errors.Is(test.want, other) && (!unknown(err) || basis.Lasting):
				t.Errorf("got %+v, %+v, %v, want that nobody can tell", caller, basis, err)
			case !errors.Is(test.want, other) && !errors.Is(err, test.want):
				t.Errorf("got %v, want %v", err, test.want)
			case (caller.Subject == "u-ann") != (test.want == nil) || err != nil && caller.Subject != "":
				t.Errorf("got the caller %+v beside %v", caller, err)
			}
			if err != nil && strings.Contains(err.Error(), annSession) {
				t.Errorf("%v shows the cookie", err)
			}
		})
	}
}

// TestScopesOfAnswers: scopes are the operator's for all, or the endpoint's, never both.
func TestScopesOfAnswers(t *testing.T) {
	s := asking(about(annSession, strings.Replace(whoami, `"active":true`, `"scope":"read write"`, 1)))
	s.Scopes, s.Claims.Scopes = nil, "scope"
	caller, _, err := newAsked(t, s).Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(sid + "=" + annSession)})
	if diff := cmp.Diff(caller.Scopes, []string{"read", "write"}); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
}

// TestAskedOnce: an answer serves all who show the cookie until it is too old, and a
// rejection too. What nobody could tell is asked again.
func TestAskedOnce(t *testing.T) {
	now := today
	f := about(annSession, whoami)
	f.answers["fault"] = told{500, "", nil}
	a := newAsked(t, asking(f, func(s *session.Asked) { s.Now = func() time.Time { return now } }))
	ask := func(value string, calls int64) {
		t.Helper()
		_, _, _ = a.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(sid + "=" + value)})
		if got := f.calls.Load(); got != calls {
			t.Errorf("%s: asked %d times, want %d", value, got, calls)
		}
	}
	for range 2 {
		ask(annSession, 1)
	}
	for range 2 {
		ask("nobodys", 2)
	}
	ask("fault", 3)
	ask("fault", 4)
	now = today.Add(4 * time.Second)
	ask(annSession, 4)
	now = today.Add(5 * time.Second)
	ask(annSession, 5)
	ask("nobodys", 6)

	f.hold = make(chan struct{})
	now = today.Add(10 * time.Second)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if caller, _, err := a.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(sid + "=" + annSession)}); caller.Subject != "u-ann" {
				t.Errorf("got %v", err)
			}
		})
	}
	close(f.hold)
	group.Wait()
	ask(annSession, 7)
}

// TestCookieIsSentAsItCame: under its own name, quotes and all.
func TestCookieIsSentAsItCame(t *testing.T) {
	quoted := `"` + annSession + `"`
	a := newAsked(t, asking(about(quoted, whoami), func(s *session.Asked) { s.Cookies, s.Method = []string{"other", sid}, "POST" }))
	credential, err := a.Extract(request(shop, sid+"="+quoted))
	if err != nil {
		t.Fatal(err)
	}
	if caller, _, err := a.Authenticate(t.Context(), credential); caller.Subject != "u-ann" {
		t.Errorf("got %v", err)
	}
}
