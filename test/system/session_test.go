package system_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// node keeps an administrator's sessions, as Mobazha's own API tells of them.
type node struct {
	*httptest.Server
	asked atomic.Int64
	// out is that the administrator has logged out, broken that nobody can tell.
	out, broken atomic.Bool
}

const (
	adminSession = "mbz-session-of-ann-0f3c9d1a"
	adminProof   = "mbz-csrf-of-ann-k2Jd8sQ0zYvXw3Lm"
)

func startNode(t *testing.T) *node {
	t.Helper()
	n := &node{}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "Mobazha_Admin_Session=another")
		cookie, err := r.Cookie("Mobazha_Admin_Session")
		switch {
		case n.broken.Load():
			w.WriteHeader(http.StatusBadGateway)
		case err != nil || r.URL.Path != "/v1/auth/admin-session" || n.out.Load() || cookie.Value != adminSession:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = fmt.Fprintf(w, `{"authenticated":true,"csrfToken":%q,"expiresAt":%q}`, adminProof, time.Now().Add(30*time.Minute).Format(time.RFC3339))
		}
	}))
	t.Cleanup(n.Close)
	return n
}

// withSessions is the example, but that its administrator may also have logged in with a
// browser, for the operations that accept it.
func withSessions(t *testing.T, n *node) string {
	t.Helper()
	folder := short(t) + "/example"
	must(t, os.CopyFS(folder, os.DirFS(mobazha)))
	forged := `      - {reasons: [rejected], statuses: [403], body: '{"error":{"code":"FORBIDDEN","message":{{if eq .Detail "csrf"}}"Invalid or missing CSRF token"{{else}}"Forbidden"{{end}}}}'}` + "\n"
	for from, to := range map[string]string{
		"store: {path: data": "outbound: {allow_http: true, allow_networks: [127.0.0.1/32]}\nstore: {path: data",
		"  - name: anyone\n": `  - name: admin-session
    word: admin
    session:
      cookies: [Mobazha_Admin_Session]
      asked:
        endpoint: ` + n.URL + `/v1/auth/admin-session
        live: {authenticated: "true"}
        subject: admin
        claims: {expires: expiresAt}
        csrf_claim: csrfToken
        max_age: 1s
  - name: anyone
`,
		"  - name: administration\n    rules:\n":         "  - name: administration\n    rules:\n" + forged,
		"path: /v1/auth/tokens, accept: [administrator]": "path: /v1/auth/tokens, accept: [[administrator], [admin-session]]",
	} {
		change(t, folder+"/sallyport.yaml", from, to)
	}
	return configure(t, folder)
}

const invalidProof = `{"error":{"code":"FORBIDDEN","message":"Invalid or missing CSRF token"}}`

// TestMobazhaSessions: what an administrator's browser has is good where an operation
// takes it, and nowhere else.
func TestMobazhaSessions(t *testing.T) {
	n := startNode(t)
	w := beginSeededOn(t, mobazha, withSessions(t, n))
	t.Run("M33", func(t *testing.T) {
		t.Run("not an integration's", func(t *testing.T) { w.testSessionElsewhere(t, n) })
		t.Run("where it is taken", w.testSession)
		t.Run("forged", w.testForged)
		t.Run("logged out", func(t *testing.T) { w.testLoggedOut(t, n) })
		t.Run("password before the rotation", w.testRotatedPassword)
	})
}

func sessionCookie(value string) field {
	return field{"cookie", "lang=en; Mobazha_Admin_Session=" + value}
}

// testSessionElsewhere: an operation without adminSession asks nobody about the cookie.
func (w seeded) testSessionElsewhere(t *testing.T, n *node) {
	t.Helper()
	const unauthenticated = `{"error":{"code":"UNAUTHORIZED","message":"Authentication required"}}`
	for _, c := range []call{get(nodeStore, "/v1/webhooks", sessionCookie(adminSession)), post(nodeStore, "/v1/webhooks", sessionCookie(adminSession), field{"x-csrf-token", adminProof})} {
		refused(t, w.ask(t, api, c), 401, unauthenticated)
	}
	got := w.ask(t, api, get(nodeStore, "/v1/webhooks", sessionCookie(adminSession), w.bearer(t, "MBZ_API_TOKEN")))
	passes(t, got)
	if got.upstream("cookie") != "lang=en" || got.upstream("x-authz-kind") != "api_token" {
		t.Errorf("upstream saw %v", got.seen.Headers)
	}
	if asked := n.asked.Load(); asked != 0 {
		t.Errorf("the node was asked %d times about a cookie that nobody accepts", asked)
	}
}

func (w seeded) testSession(t *testing.T) {
	for range 2 { // the second one is remembered
		got := w.ask(t, api, get(nodeStore, "/v1/auth/tokens", sessionCookie(adminSession)))
		passes(t, got)
		onlyIdentity(t, got, map[string]string{"x-authz-kind": "admin", "x-authz-subject": "admin"})
		if got.upstream("cookie") != "lang=en" {
			t.Errorf("upstream saw the cookies %q", got.upstream("cookie"))
		}
	}
	for name, value := range map[string]string{"made up": "mbz-session-of-eve-0f3c9d1a", "longer": adminSession + "0", "in another case": "MBZ-session-of-ann-0f3c9d1a"} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(t, api, get(nodeStore, "/v1/auth/tokens", sessionCookie(value)))
			refused(t, got, 401, `{"error":{"code":"UNAUTHORIZED","message":"Invalid or expired token"}}`)
		})
	}
}

// testForged: what may change something shows the token of its own session.
func (w seeded) testForged(t *testing.T) {
	ask := func(headers ...field) reply {
		return w.ask(t, api, post(nodeStore, "/v1/auth/tokens", append(headers, sessionCookie(adminSession))...))
	}
	proof := field{"x-csrf-token", adminProof}
	for range 2 {
		got := ask(proof)
		passes(t, got)
		refused(t, ask(), 403, invalidProof)
		refused(t, ask(field{"x-csrf-token", "mbz-csrf-of-eve-k2Jd8sQ0zYvXw3Lm"}), 403, invalidProof)
		refused(t, ask(proof, proof), 403, invalidProof)
		refused(t, ask(field{"x-csrf-token", ""}), 403, invalidProof)
	}
	// A good password decides first, and the cookie beside it does not matter.
	passes(t, w.asked(t, post(nodeStore, "/v1/auth/tokens", basicAuth("admin", "s3cret"), sessionCookie(adminSession))))
	refused(t, w.asked(t, post(nodeStore, "/v1/auth/tokens", basicAuth("admin", "bad"), sessionCookie(adminSession), proof)), 401, badPassword)
}

// testLoggedOut: who has logged out is out after max_age, and where nobody can tell it is
// neither yes nor no.
func (w seeded) testLoggedOut(t *testing.T, n *node) {
	t.Helper()
	status := func(want int) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			got := w.ask(t, api, get(nodeStore, "/v1/auth/tokens", sessionCookie(adminSession)))
			if got.status == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("got %d %s, want %d", got.status, got.body, want)
			}
		}
	}
	status(200)
	n.broken.Store(true)
	status(503)
	n.broken.Store(false)
	status(200)
	n.out.Store(true)
	status(401)
	n.out.Store(false)
}

func (w seeded) testRotatedPassword(t *testing.T) {
	put := []string{"principal", "put", "administrator", "admin", "--role", "admin", "--password-stdin"}
	ask := func(password string) reply {
		return w.asked(t, get(nodeStore, "/v1/auth/tokens", basicAuth("admin", password)))
	}
	passes(t, ask("s3cret"))
	w.done(t, "r0tated\n", put...)
	refused(t, ask("s3cret"), 401, badPassword)
	passes(t, ask("r0tated"))
}
