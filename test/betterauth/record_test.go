package betterauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// digest is how Better Auth stores a key.
func digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// knock asks at the door and gives status and body.
func knock(t *testing.T, s *betterauth.Server, method, path, authorization, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Records()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", authorization)
	request.Header.Set("Content-Type", "application/json")
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// recordOf gives nil where there is none for certain.
func recordOf(t *testing.T, s *betterauth.Server, kind, id string) map[string]any {
	t.Helper()
	question, err := json.Marshal(map[string]string{"kind": kind, "id": id})
	if err != nil {
		t.Fatal(err)
	}
	status, body := knock(t, s, http.MethodPost, "/records", "Bearer "+recordSecret, string(question))
	var answer struct {
		Found  bool           `json:"found"`
		Record map[string]any `json:"record"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || answer.Found != (answer.Record != nil) {
		t.Fatalf("got %d %s, %v", status, body, err)
	}
	return answer.Record
}

// same compares a record, without the ids that are Better Auth's own choice.
func same(t *testing.T, got, want map[string]any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return name == "id" && want["id"] == nil })); diff != "" {
		t.Error(diff)
	}
}

// within takes a time out of a record, and checks that it lies within a minute of
// one that is this far away.
func within(t *testing.T, record map[string]any, name string, away time.Duration) {
	t.Helper()
	text, _ := record[name].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || (time.Until(at)-away).Abs() > time.Minute {
		t.Errorf("%s is %v, want about %v from now", name, record[name], away)
	}
	delete(record, name)
}

// The guards are the members of the records in records.mjs: each that is wrong there
// makes one of these differ.
func testRecords(t *testing.T, s *betterauth.Server) {
	t.Helper()
	ann := s.SignIn(t, betterauth.Ann)

	t.Run("key", func(t *testing.T) {
		key := ann.CreateKey(t, map[string]any{"organizationId": betterauth.Acme, "scopes": []any{"admin", 7}}, time.Hour)
		got := recordOf(t, s, "key", digest(key.Secret))
		within(t, got, "expires", time.Hour)
		same(t, got, map[string]any{
			"digest": digest(key.Secret), "id": key.ID, "user": ann.ID(), "enabled": true, "tenant": betterauth.Acme, "scopes": []any{"admin"},
		})
		ann.DisableKey(t, key.ID)
		if got := recordOf(t, s, "key", digest(key.Secret)); got["enabled"] != false {
			t.Errorf("disabled, the record is %v", got)
		}
		ann.DeleteKey(t, key.ID)
		if got := recordOf(t, s, "key", digest(key.Secret)); got != nil {
			t.Errorf("deleted, the record is %v", got)
		}
	})
	t.Run("key that is counted", func(t *testing.T) {
		key := ann.CountedKey(t, 1)
		for _, want := range []bool{true, false} {
			if got := recordOf(t, s, "key", digest(key.Secret)); got["enabled"] != want {
				t.Errorf("the record is %v, want enabled %v", got, want)
			}
			s.Verify(t, key.Secret)
		}
	})
	t.Run("key that says nothing", func(t *testing.T) {
		key := ann.CreateKey(t, nil, 0)
		same(t, recordOf(t, s, "key", digest(key.Secret)), map[string]any{
			"digest": digest(key.Secret), "id": key.ID, "user": ann.ID(), "enabled": true, "expires": nil, "tenant": "", "scopes": nil,
		})
	})
	t.Run("key that says something else", func(t *testing.T) {
		key := ann.CreateKey(t, map[string]any{"organizationId": 7, "scopes": "admin"}, 0)
		if got := recordOf(t, s, "key", digest(key.Secret)); got["tenant"] != "" || !cmp.Equal(got["scopes"], []any{}) {
			t.Errorf("the record is %v, want no tenant and no scope", got)
		}
	})
	t.Run("agent", func(t *testing.T) { testAgentRecord(t, s, ann) })
	t.Run("session", func(t *testing.T) {
		got := recordOf(t, s, "session", ann.SessionToken())
		within(t, got, "expires", 7*24*time.Hour)
		same(t, got, map[string]any{"user": ann.ID(), "tenant": ""})
		if err := ann.SetActive(t.Context(), betterauth.Acme); err != nil {
			t.Fatal(err)
		}
		if got := recordOf(t, s, "session", ann.SessionToken()); got["tenant"] != betterauth.Acme {
			t.Errorf("active, the record is %v", got)
		}
		other := s.SignIn(t, betterauth.Ann)
		other.SignOut(t)
		if got := recordOf(t, s, "session", other.SessionToken()); got != nil {
			t.Errorf("signed out, the record is %v", got)
		}
	})
	t.Run("members", func(t *testing.T) { testMembersRecord(t, s, ann) })
}

func testAgentRecord(t *testing.T, s *betterauth.Server, ann *betterauth.Person) {
	t.Helper()
	bound := map[string]any{"name": "placeOrder", "constraints": map[string]any{"amount": map[string]any{"max": 10}}}
	agent := s.Register(t, "listProducts", "adminCreateProduct", bound)
	if got := recordOf(t, s, "agent", agent.ID()); got["status"] != "pending" || got["user"] != "" {
		t.Errorf("registered, the record is %v, want pending and nobody's", got)
	}
	ann.Approve(t, agent)
	ann.Describe(t, agent, map[string]string{"organizationId": betterauth.Acme})
	got := recordOf(t, s, "agent", agent.ID())
	within(t, got, "expires", 24*time.Hour)
	grant := func(capability string, constrained bool) map[string]any {
		return map[string]any{"capability": capability, "status": "active", "expires": nil, "constrained": constrained}
	}
	same(t, got, map[string]any{
		"id": agent.ID(), "user": ann.ID(), "status": "active", "tenant": betterauth.Acme,
		"host_id": agent.HostID(), "host_thumbprint": agent.HostThumbprint(), "public_key": agent.PublicKey(),
		"grants": []any{grant("listProducts", false), grant("adminCreateProduct", false), grant("placeOrder", true)},
	})
	ann.RevokeCapability(t, agent, "listProducts")
	grants, _ := recordOf(t, s, "agent", agent.ID())["grants"].([]any)
	if first, _ := grants[0].(map[string]any); first["capability"] != "listProducts" || first["status"] == "active" {
		t.Errorf("a capability revoked, the grants are %v", grants)
	}
	ann.Revoke(t, agent)
	if got := recordOf(t, s, "agent", agent.ID()); got["status"] != "revoked" || !cmp.Equal(got["public_key"], map[string]any{}) {
		t.Errorf("revoked, the record is %v, want no key", got)
	}
}

func testMembersRecord(t *testing.T, s *betterauth.Server, ann *betterauth.Person) {
	t.Helper()
	mallory := s.SignUp(t, "Mallory")
	same(t, recordOf(t, s, "members", mallory.ID()), map[string]any{"user": mallory.ID(), "members": []any{}})
	own := mallory.CreateOrganization(t, "mallorys")
	ann.Invite(t, betterauth.Acme, mallory, "member")
	got := recordOf(t, s, "members", mallory.ID())
	members, _ := got["members"].([]any)
	if len(members) != 2 {
		t.Fatalf("the record is %v, want two memberships", got)
	}
	for n, want := range []map[string]any{{"organization": own, "role": "owner"}, {"organization": betterauth.Acme, "role": "member"}} {
		member, _ := members[n].(map[string]any)
		within(t, member, "created", 0)
		same(t, member, want)
	}
	ann.Remove(t, betterauth.Acme, mallory)
	if members, _ := recordOf(t, s, "members", mallory.ID())["members"].([]any); len(members) != 1 {
		t.Errorf("removed, the memberships are %v", members)
	}
}

// Whomalloryr has not the secret learns nothing, and who asks for something else is told
// that nobody could tell.
func testDoor(t *testing.T, s *betterauth.Server) {
	t.Helper()
	const question, bearer = `{"kind":"members","id":"x"}`, "Bearer " + recordSecret
	tests := []struct {
		name, method, path, authorization, body string
		want                                    int
	}{
		{"as it should be", http.MethodPost, "/records", bearer, question, http.StatusOK},
		{"no secret", http.MethodPost, "/records", "", question, http.StatusUnauthorized},
		{"another secret", http.MethodPost, "/records", bearer + "0", question, http.StatusUnauthorized},
		{"the other secret", http.MethodPost, "/records", "Bearer " + cookieSecret, question, http.StatusUnauthorized},
		{"no scheme", http.MethodPost, "/records", recordSecret, question, http.StatusUnauthorized},
		{"elsewhere", http.MethodPost, "/record", bearer, question, http.StatusNotFound},
		{"to read", http.MethodGet, "/records", bearer, "", http.StatusMethodNotAllowed},
		{"no JSON", http.MethodPost, "/records", bearer, "kind=members", http.StatusBadRequest},
		{"no id", http.MethodPost, "/records", bearer, `{"kind":"members"}`, http.StatusBadRequest},
		{"empty id", http.MethodPost, "/records", bearer, `{"kind":"members","id":""}`, http.StatusBadRequest},
		{"id that is no text", http.MethodPost, "/records", bearer, `{"kind":"members","id":{"ne":""}}`, http.StatusBadRequest},
		{"unknown kind", http.MethodPost, "/records", bearer, `{"kind":"user","id":"x"}`, http.StatusBadRequest},
		{"too long", http.MethodPost, "/records", bearer, `{"kind":"members","id":"` + strings.Repeat("x", 4096) + `"}`, http.StatusBadRequest},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			status, body := knock(t, s, c.method, c.path, c.authorization, c.body)
			if status != c.want || status != http.StatusOK && strings.Contains(body, "found") {
				t.Errorf("got %d %s, want %d", status, body, c.want)
			}
		})
	}
	for _, kind := range []string{"key", "agent", "session"} {
		if got := recordOf(t, s, kind, "nobody's"); got != nil {
			t.Errorf("%s: got %v of nobody", kind, got)
		}
	}
}
