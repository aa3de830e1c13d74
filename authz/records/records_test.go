package records_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/records"
)

// today is when the tests happen.
var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// endpoint gives one answer, and tells what it was asked.
type endpoint struct {
	answer, asked string
	err           error
	calls         atomic.Int64
}

func (e *endpoint) PostJSON(_ context.Context, url, authorization, text string) ([]byte, error) {
	e.calls.Add(1)
	e.asked = url + " " + authorization + " " + text
	return []byte(e.answer), e.err
}

func settings(e *endpoint) records.Settings {
	return records.Settings{
		Endpoint: "http://127.0.0.1:3006/records", Authorization: authz.NewSecret("Bearer b"), Asker: e,
		Ages:    records.Ages{Key: 40 * time.Second, Agent: 30 * time.Second, Session: 5 * time.Second, Members: 20 * time.Second},
		Roles:   map[string][]string{"owner": {"storefront", "admin"}, "member": {"storefront"}, "auditor": {"audit"}},
		Timeout: time.Second, MostCalls: 4, Now: func() time.Time { return today },
	}
}

func source(t testing.TB, e *endpoint) *records.Source {
	t.Helper()
	s, err := records.New(settings(e))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	key     = `{"digest":"d","id":"k1","user":"u1","enabled":true,"expires":"2026-03-04T05:06:17Z","tenant":"A","scopes":["admin"],"more":1}`
	agent   = `{"id":"a1","user":"u1","status":"active","expires":null,"tenant":"A","host_id":"h","host_thumbprint":"t","public_key":{"kty":"OKP"},"grants":[{"capability":"old","status":"active","expires":"2026-03-01T00:00:00Z"},{"capability":"listProducts","status":"active","expires":"2026-03-04T05:06:16Z","constrained":true}]}`
	session = `{"id":"s1","user":"u1","expires":"2026-03-04T05:06:09Z","tenant":"A"}`
	members = `{"user":"u1","members":[{"id":"m3","organization":"C","role":"ghost","created":"2026-01-03T00:00:00Z"},{"id":"m2","organization":"B","role":"member","created":"2026-01-02T00:00:00Z"},{"id":"m1","organization":"A","role":"member, auditor","created":"2026-01-02T00:00:00Z"}]}`
)

func found(record string) string { return `{"found":true,"record":` + record + `}` }

// subject asks for each kind of record, and gives what is found of it.
type subject struct {
	kind, record, id string
	ask              func(context.Context, *records.Source, string) (any, authz.Basis, error)
	want             any
	until            time.Duration
}

func subjects() []subject {
	return []subject{
		{
			"key", key, "d", func(ctx context.Context, s *records.Source, id string) (any, authz.Basis, error) {
				return s.Key(ctx, id)
			},
			records.Key{ID: "k1", User: "u1", Enabled: true, Expires: today.Add(10 * time.Second), Tenant: "A", Scopes: []string{"admin"}, Scoped: true},
			10 * time.Second,
		},
		{
			"agent", agent, "a1", func(ctx context.Context, s *records.Source, id string) (any, authz.Basis, error) {
				return s.Agent(ctx, id)
			},
			records.Agent{
				ID: "a1", User: "u1", Status: "active", Tenant: "A", HostID: "h", HostThumbprint: "t", PublicKey: map[string]any{"kty": "OKP"},
				Grants: []records.Grant{
					{Capability: "old", Status: "active", Expires: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
					{Capability: "listProducts", Status: "active", Expires: today.Add(9 * time.Second), Constrained: true},
				},
			},
			9 * time.Second,
		},
		{
			"session", session, "token", func(ctx context.Context, s *records.Source, id string) (any, authz.Basis, error) {
				return s.Session(ctx, id)
			},
			records.Session{ID: "s1", User: "u1", Expires: today.Add(2 * time.Second), Tenant: "A"},
			2 * time.Second,
		},
		{"members", members, "u1", func(ctx context.Context, s *records.Source, id string) (any, authz.Basis, error) {
			return s.Standing(ctx, id, "B")
		}, authz.Standing{Tenant: "B", Role: "member", Scopes: []string{"storefront"}}, 20 * time.Second},
	}
}

// TestFound: what is asked, what is read, and how long it counts.
func TestFound(t *testing.T) {
	for _, s := range subjects() {
		t.Run(s.kind, func(t *testing.T) {
			e := &endpoint{answer: found(s.record)}
			got, basis, err := s.ask(t.Context(), source(t, e), s.id)
			if diff := cmp.Diff(got, s.want); diff != "" || err != nil {
				t.Errorf("%v (-got +want):\n%s", err, diff)
			}
			if !basis.Lasting || !basis.Until.Equal(today.Add(s.until)) {
				t.Errorf("basis %+v, want until %s", basis, s.until)
			}
			if want := `http://127.0.0.1:3006/records Bearer b {"kind":"` + s.kind + `","id":"` + s.id + `"}`; e.asked != want {
				t.Errorf("asked %s, want %s", e.asked, want)
			}
		})
	}
}

// TestAgentWithoutKey: Better Auth takes the key of an agent that is revoked.
func TestAgentWithoutKey(t *testing.T) {
	gone := strings.NewReplacer(`{"kty":"OKP"}`, `null`, `"status":"active","expires":null`, `"status":"revoked","expires":null`).Replace(agent)
	got, _, err := source(t, &endpoint{answer: found(gone)}).Agent(t.Context(), "a1")
	if err != nil || got.Status != "revoked" || got.PublicKey != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestNotFound is certain, for five seconds.
func TestNotFound(t *testing.T) {
	for _, s := range subjects() {
		t.Run(s.kind, func(t *testing.T) {
			e := &endpoint{answer: `{"found":false}`}
			_, basis, err := s.ask(t.Context(), source(t, e), s.id)
			if !errors.Is(err, authz.ErrNotFound) && !errors.Is(err, authz.ErrNotMember) || !basis.Lasting || !basis.Until.Equal(today.Add(5*time.Second)) {
				t.Errorf("got %v, %+v", err, basis)
			}
		})
	}
}

// TestNobodyCanTell: everything else is an error that calls nothing unknown, is not
// remembered, and repeats nothing of what was asked.
func TestNobodyCanTell(t *testing.T) {
	for _, s := range subjects() {
		without := func(name string) string { return strings.Replace(s.record, `"`+name+`"`, `"x-`+name+`"`, 1) }
		answers := map[string]string{
			"nothing": ``, "no object": `[]`, "null": `null`, "no found": `{"record":` + s.record + `}`, "found is a text": `{"found":"true","record":` + s.record + `}`,
			"found in another case": `{"Found":true,"record":` + s.record + `}`, "found, and none": `{"found":true}`, "found null": `{"found":true,"record":null}`,
			"not found, and one": `{"found":false,"record":` + s.record + `}`, "a list": found(`[]`), "twice": `{"found":true,"found":true,"record":` + s.record + `}`,
			"twice within": found(strings.Replace(s.record, `{`, `{"id":"x","id":"y",`, 1)), "more": found(s.record) + `{}`,
			"long": found(strings.Replace(s.record, `{`, `{"pad":"`+strings.Repeat("x", 256<<10)+`",`, 1)),
		}
		if s.kind != "session" {
			answers["another's"] = found(strings.NewReplacer(`"digest":"d"`, `"digest":"D"`, `"id":"a1"`, `"id":"A1"`, `{"user":"u1"`, `{"user":"U1"`).Replace(s.record))
		}
		for _, name := range map[string][]string{
			"key": {"digest", "id", "user", "enabled"}, "agent": {"id", "status", "public_key", "grants", "capability"},
			"session": {"id", "user", "expires"}, "members": {"user", "members", "id", "organization", "created"},
		}[s.kind] {
			answers["no "+name] = found(without(name))
		}
		for from, to := range map[string]string{
			`true,"expires"`: `1,"expires"`, `"tenant":"A"`: `"tenant":7`, `["admin"]`: `"admin"`, `"2026-03-04`: `"2026-13-04`, `"2026-01-02T00:00:00Z"`: `17`,
			`"expires":"2026`: `"expires":1,"x":"2026`, `{"kty":"OKP"}`: `"OKP"`, `[{`: `[1,{`, `"constrained":true`: `"constrained":"no"`, `"u1"`: `"u\n1"`, `"2026-03-04T05:06:09Z"`: `"0001-01-01T00:00:00Z"`,
		} {
			if strings.Contains(s.record, from) {
				answers[from+" is "+to] = found(strings.Replace(s.record, from, to, 1))
			}
		}
		for name, answer := range answers {
			t.Run(s.kind+"/"+name, func(t *testing.T) { cannotTell(t, s, &endpoint{answer: answer}) })
		}
		t.Run(s.kind+"/no answer", func(t *testing.T) { cannotTell(t, s, &endpoint{answer: found(s.record), err: errors.New("404")}) })
	}
}

func cannotTell(t *testing.T, s subject, e *endpoint) {
	t.Helper()
	asked := source(t, e)
	for range 2 {
		_, basis, err := s.ask(t.Context(), asked, s.id)
		if err == nil || errors.Is(err, authz.ErrNotFound) || errors.Is(err, authz.ErrNotMember) || basis.Lasting {
			t.Errorf("got %v, %+v", err, basis)
		}
	}
	if e.calls.Load() != 2 {
		t.Errorf("asked %d times: it was remembered", e.calls.Load())
	}
}

// TestStanding (P05, P06, P10, P12).
func TestStanding(t *testing.T) {
	for _, test := range []struct {
		name, user, organization string
		want                     authz.Standing
	}{
		{"named", "u1", "B", authz.Standing{Tenant: "B", Role: "member", Scopes: []string{"storefront"}}},
		{"earliest, and of two that are the smaller id", "u1", "", authz.Standing{Tenant: "A", Role: "member, auditor", Scopes: []string{"storefront", "audit"}}},
		{"a role that may be granted nothing", "u1", "C", authz.Standing{Tenant: "C", Role: "ghost"}},
		{"no member", "u1", "D", authz.Standing{}},
		{"another case", "u1", "b", authz.Standing{}},
		{"nobody", "", "B", authz.Standing{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, basis, err := source(t, &endpoint{answer: found(members)}).Standing(t.Context(), test.user, test.organization)
			if diff := cmp.Diff(got, test.want); diff != "" || (err == nil) != (test.want.Tenant != "") || err != nil && !errors.Is(err, authz.ErrNotMember) {
				t.Errorf("%v (-got +want):\n%s", err, diff)
			}
			if !basis.Lasting {
				t.Error("it is not remembered")
			}
		})
	}
	empty := source(t, &endpoint{answer: found(`{"user":"u1","members":[]}`)})
	if _, _, err := empty.Standing(t.Context(), "u1", ""); !errors.Is(err, authz.ErrNotMember) {
		t.Errorf("a member of nothing: got %v", err)
	}
}

// TestKeysThatEnded are found: that they ended is for whoever asked to say.
func TestKeysThatEnded(t *testing.T) {
	e := &endpoint{answer: found(strings.Replace(key, "05:06:17", "05:06:07", 1))}
	got, basis, err := source(t, e).Key(t.Context(), "d")
	if err != nil || got.Expires.After(today) || !basis.Until.Equal(today.Add(40*time.Second)) {
		t.Errorf("got %+v, %+v, %v", got, basis, err)
	}
	e = &endpoint{answer: found(strings.Replace(key, `["admin"]`, `null`, 1))}
	if got, _, err := source(t, e).Key(t.Context(), "d"); err != nil || got.Scoped || got.Scopes != nil {
		t.Errorf("no scopes were given: got %+v, %v", got, err)
	}
}

// TestNewRefuses half of an endpoint.
func TestNewRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*records.Settings){
		"no endpoint":   func(s *records.Settings) { s.Endpoint = "" },
		"no credential": func(s *records.Settings) { s.Authorization = authz.Secret{} },
		"nobody asks":   func(s *records.Settings) { s.Asker = nil },
		"no age":        func(s *records.Settings) { s.Ages.Session = 0 },
		"too old":       func(s *records.Settings) { s.Ages.Members = 6 * time.Minute },
		"no timeout":    func(s *records.Settings) { s.Timeout = 0 },
		"no calls":      func(s *records.Settings) { s.MostCalls = 0 },
		"no clock":      func(s *records.Settings) { s.Now = nil },
	} {
		broken := settings(&endpoint{})
		spoil(&broken)
		if _, err := records.New(broken); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// FuzzAnswer: whatever an endpoint says, nobody panics, and a record is for the id that
// was asked about.
func FuzzAnswer(f *testing.F) {
	for _, s := range subjects() {
		f.Add(found(s.record))
	}
	f.Add(`{"found":false}`)
	f.Fuzz(func(t *testing.T, answer string) {
		s := source(t, &endpoint{answer: answer})
		if agent, _, err := s.Agent(t.Context(), "a1"); err == nil && agent.ID != "a1" {
			t.Errorf("another's record: %+v", agent)
		}
		if session, _, err := s.Session(t.Context(), "token"); err == nil && (session.User == "" || session.Expires.IsZero()) {
			t.Errorf("half a session: %+v", session)
		}
		_, _, _ = s.Key(t.Context(), "d")
		_, _, _ = s.Standing(t.Context(), "u1", "")
	})
}
