package system_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/canary"
)

const (
	sessions   = "testdata/sessions"
	plainName  = "better-auth.session_token"
	secureName = "__Secure-better-auth.session_token"
)

// betterAuth is what a Better Auth has on record, and the secret that it signs with.
type betterAuth struct {
	*httptest.Server
	secret, token string

	mu       sync.Mutex
	sessions map[string]map[string]any
	members  map[string][]map[string]any
	asked    int
	down     bool
}

func startBetterAuth(t *testing.T) *betterAuth {
	t.Helper()
	b := &betterAuth{
		secret: canary.New("session secret").Value + "-longer", token: canary.New("records token").Value,
		sessions: map[string]map[string]any{}, members: map[string][]map[string]any{},
	}
	b.Server = httptest.NewServer(http.HandlerFunc(b.answer))
	t.Cleanup(b.Close)
	return b
}

func (b *betterAuth) answer(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var q struct{ Kind, ID string }
	err := json.NewDecoder(r.Body).Decode(&q)
	b.asked++
	if b.down || err != nil || r.Header.Get("Authorization") != "Bearer "+b.token {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	answer := map[string]any{"found": false}
	if record, there := b.sessions[q.ID]; q.Kind == "session" && there {
		answer = map[string]any{"found": true, "record": record}
	}
	if q.Kind == "members" {
		answer = map[string]any{"found": true, "record": map[string]any{"user": q.ID, "members": append([]map[string]any{}, b.members[q.ID]...)}}
	}
	w.Header().Set("Content-Type", "application/json")
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(text)
}

// change is made while nobody is answered.
func (b *betterAuth) change(made func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	made()
}

func (b *betterAuth) questions() (n int) {
	b.change(func() { n = b.asked })
	return n
}

// signIn gives the cookie of a new session of a user, who is in an organization or not.
func (b *betterAuth) signIn(user, organization string) string {
	token := canary.New("session of " + user).Value
	b.change(func() {
		b.sessions[token] = map[string]any{"id": "s-" + user, "user": user, "expires": time.Now().Add(time.Hour).Format(time.RFC3339), "tenant": organization}
	})
	return b.sign(token)
}

func (b *betterAuth) sign(token string) string {
	mac := hmac.New(sha256.New, []byte(b.secret))
	_, _ = mac.Write([]byte(token))
	return url.QueryEscape(token + "." + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// join makes a user an owner of an organization, leave takes all memberships.
func (b *betterAuth) join(user, organization string) {
	b.change(func() {
		b.members[user] = []map[string]any{{"id": "m-" + user, "organization": organization, "role": "owner", "created": "2026-01-01T00:00:00Z"}}
	})
}

func (b *betterAuth) leave(user string) { b.change(func() { b.members[user] = nil }) }

// shops is a world of shops.
type shops struct {
	*world
	auth *betterAuth
	// acme and bolt are cookies of merchants, visitor of somebody in no organization.
	acme, bolt, visitor string
}

func beginShops(t *testing.T) shops {
	t.Helper()
	b := startBetterAuth(t)
	config := configure(t, sessions, "http://records.test", b.URL)
	for name, text := range map[string]string{"session.secret": b.secret, "records.token": b.token, "checkout.secret": canary.New("checkout").Value} {
		must(t, os.WriteFile(filepath.Join(filepath.Dir(config), name), []byte(text), 0o600))
	}
	b.join("u-acme", "A")
	b.join("u-bolt", "B")
	w := shops{beginOn(t, config, wireEnvoy), b, b.signIn("u-acme", "A"), b.signIn("u-bolt", "B"), b.signIn("u-visitor", "")}
	t.Cleanup(func() {
		for _, secret := range []string{b.secret, b.token} {
			if found := canary.Find(w.sallyport.Output(), canary.Secret{Place: "a secret of the configuration", Value: secret, Whole: true}); len(found) > 0 {
				t.Error(found)
			}
		}
	})
	return w
}

func under(name, value string) field {
	return field{"cookie", "theme=dark-mode; " + name + "=" + value}
}

// TestShops: who has signed in with Better Auth is who its records say, in the
// organization that they are a member of.
func TestShops(t *testing.T) {
	t.Parallel()
	w := beginShops(t)
	t.Run("P11", w.testSigned)
	t.Run("P12", w.testMembership)
	t.Run("P13", w.testMerchant)
	t.Run("cookies of P18", w.testStale)
	t.Run("P22", w.testVisitor)
	t.Run("P28", w.testDashboard)
	t.Run("P29", w.testForwardedHost)
	t.Run("P42", w.testHook)
}

// as asks one of the shops with a session.
func (w shops) as(t *testing.T, method, host, path, cookie string, headers ...field) reply {
	t.Helper()
	return w.ask(t, "raw", call{method: method, host: host, path: path, headers: append(headers, under(plainName, cookie))})
}

// knownAs checks who the upstream saw.
func knownAs(t *testing.T, got reply, kind, tenant, user string) {
	t.Helper()
	passes(t, got)
	if got.upstream("x-authz-kind") != kind || got.upstream("x-authz-tenant") != tenant || got.upstream("x-authz-user") != user {
		t.Errorf("upstream saw %v, want %s of %s: %q", got.seen.Headers, kind, tenant, user)
	}
}

func (w shops) testSigned(t *testing.T) {
	for _, listener := range asking() {
		for _, name := range []string{plainName, secureName} {
			got := w.ask(t, listener, get(apiHost, "/v1/products", under(name, w.acme)))
			knownAs(t, got, "session", "A", "u-acme")
			if got.upstream("cookie") != "theme=dark-mode" {
				t.Errorf("upstream saw the cookies %q", got.upstream("cookie"))
			}
		}
	}
	decoded, err := url.QueryUnescape(w.acme)
	must(t, err)
	passes(t, w.as(t, "GET", apiHost, "/v1/products", decoded))
	passes(t, w.as(t, "GET", apiHost, "/v1/products", `"`+w.acme+`"`))
	passes(t, w.as(t, "GET", apiHost, "/v1/products", w.acme+"; "+plainName+"="+w.acme))
	before := w.auth.questions()
	token := mustToken(t, w.acme)
	for name, value := range map[string]string{"tampered": otherEnd(decoded), "unsigned": token, "of another's": token + decoded[len(token):len(decoded)-2] + "A="} {
		t.Run(name, func(t *testing.T) {
			refused(t, w.as(t, "GET", apiHost, "/v1/products", value), 401, `{"code":"unauthenticated"}`)
			knownAs(t, w.as(t, "GET", shop, "/v1/products", value), "host", "A", "")
		})
	}
	refused(t, w.as(t, "GET", apiHost, "/v1/products", w.acme+"; "+plainName+"="+w.bolt), 400, `{"code":"conflict"}`)
	refused(t, w.as(t, "GET", apiHost, "/v1/products", w.acme+"; "+secureName+"="+w.bolt), 400, `{"code":"conflict"}`)
	refused(t, w.as(t, "GET", apiHost, "/v1/products", w.acme+"; "+secureName+"="+w.acme), 400, `{"code":"conflict"}`)
	if got := w.auth.questions(); got != before {
		t.Errorf("%d look-ups of what nobody of ours signed", got-before)
	}
}

// otherEnd changes the last letter of a signature.
func otherEnd(signed string) string {
	at := len(signed) - 2
	letter := "A"
	if signed[at] == 'A' {
		letter = "E"
	}
	return signed[:at] + letter + signed[at+1:]
}

// testMembership: who leaves an organization is no merchant of it any more, though their
// session says so, and a guest of its shop.
func (w shops) testMembership(t *testing.T) {
	w.auth.join("u-leaver", "A")
	cookie := w.auth.signIn("u-leaver", "A")
	knownAs(t, w.as(t, "POST", shop, "/v1/admin/products", cookie), "session", "A", "u-leaver")
	w.auth.leave("u-leaver")
	w.until(t, 403, "POST", shop, "/v1/admin/products", cookie)
	knownAs(t, w.as(t, "GET", shop, "/v1/products", cookie), "session", "A", "u-leaver")
	refused(t, w.as(t, "GET", apiHost, "/v1/products", cookie), 403, unboundSession)
	never := w.auth.signIn("u-eve", "A") // as hole 3 has it
	refused(t, w.as(t, "POST", apiHost, "/v1/admin/products", never), 403, unboundSession)
}

const unboundSession = `{"error":"Session is not bound to a store organization"}`

// until asks until the answer has a status: what was found before counts for a while.
func (w shops) until(t *testing.T, status int, method, host, path, cookie string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got := w.as(t, method, host, path, cookie)
		if got.status == status {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("got %d %s, want %d", got.status, got.body, status)
		}
	}
}

func (w shops) testMerchant(t *testing.T) {
	for range 2 { // the second one is remembered
		knownAs(t, w.as(t, "GET", apiHost, "/v1/products", w.acme), "session", "A", "u-acme")
		knownAs(t, w.as(t, "POST", apiHost, "/v1/admin/products", w.acme), "session", "A", "u-acme")
	}
}

// testStale: a session that is gone leaves the request to whoever else it is; where
// nobody can tell it does not.
func (w shops) testStale(t *testing.T) {
	cookie := w.auth.signIn("u-bolt", "B")
	knownAs(t, w.as(t, "GET", shop, "/v1/orders", cookie), "session", "B", "u-bolt")
	w.auth.change(func() { clear(w.auth.sessions[mustToken(t, cookie)]) })
	w.until(t, 503, "GET", shop, "/v1/orders", cookie)
	w.auth.change(func() { delete(w.auth.sessions, mustToken(t, cookie)) })
	w.until(t, 200, "GET", shop, "/v1/orders", cookie)
	knownAs(t, w.as(t, "GET", shop, "/v1/orders", cookie), "host", "A", "")
	refused(t, w.as(t, "GET", apiHost, "/v1/orders", cookie), 401, `{"code":"unauthenticated"}`)
	knownAs(t, w.as(t, "GET", shop, "/v1/orders", ""), "host", "A", "")
	knownAs(t, w.as(t, "GET", apiHost, "/v1/orders", w.bolt, key("ann-key")), "api-key", "A", "")
	refused(t, w.as(t, "GET", shop, "/v1/orders", w.acme, key("wrong")), 401, `{"code":"rejected"}`)
	w.auth.change(func() { w.auth.down = true })
	refused(t, w.as(t, "GET", shop, "/v1/orders", w.auth.signInUnseen(t)), 503, `{"code":"unavailable"}`)
	w.auth.change(func() { w.auth.down = false })
}

// signInUnseen is a good cookie that nobody has asked about, while nobody can.
func (b *betterAuth) signInUnseen(t *testing.T) string {
	t.Helper()
	return b.sign(canary.New("unseen session").Value)
}

func mustToken(t *testing.T, cookie string) string {
	t.Helper()
	decoded, err := url.QueryUnescape(cookie)
	must(t, err)
	token, _, _ := strings.Cut(decoded, ".")
	return token
}

func (w shops) testVisitor(t *testing.T) {
	knownAs(t, w.as(t, "GET", shop, "/v1/orders", w.visitor), "session", "A", "u-visitor")
	knownAs(t, w.as(t, "GET", "shop.bolt.test", "/v1/orders", w.visitor), "session", "B", "u-visitor")
	refused(t, w.as(t, "POST", shop, "/v1/admin/products", w.visitor), 403, `{"code":"scope"}`)
	for _, host := range []string{apiHost, "unknown.test"} {
		refused(t, w.as(t, "GET", host, "/v1/orders", w.visitor), 403, unboundSession)
		knownAs(t, w.as(t, "GET", host, "/v1/whoami", w.visitor), "session", "", "u-visitor")
	}
}

func (w shops) testDashboard(t *testing.T) {
	for range 2 {
		passes(t, w.as(t, "POST", apiHost, "/v1/admin/products", w.acme))
		passes(t, w.as(t, "POST", apiHost, "/v1/admin/products", w.acme, field{"origin", "https://dash.example"}))
		refused(t, w.as(t, "POST", apiHost, "/v1/admin/products", w.acme, field{"origin", "https://evil.example"}), 403, `{"code":"insecure_transport"}`)
	}
}

func (w shops) testForwardedHost(t *testing.T) {
	knownAs(t, w.as(t, "GET", shop, "/v1/products", w.bolt), "session", "B", "u-bolt")
}

// testHook: a webhook's session and key are ignored and stripped.
func (w shops) testHook(t *testing.T) {
	secret, err := os.ReadFile(filepath.Join(filepath.Dir(w.sallyport.Config()), "checkout.secret"))
	must(t, err)
	got := w.as(t, "POST", apiHost, "/v1/hooks?org=A", w.bolt, field{"x-checkout-secret", string(secret)}, key("ann-key"))
	knownAs(t, got, "webhook", "A", "")
	if got.upstream("cookie") != "theme=dark-mode" || got.upstream("x-api-key") != "" {
		t.Errorf("upstream saw %v", got.seen.Headers)
	}
}
