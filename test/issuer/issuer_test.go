package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

const audience = "https://shop.test/api"

// orphan makes the test binary start an issuer and end without stopping it.
const orphan = "ISSUER_ORPHAN"

func TestMain(m *testing.M) {
	if os.Getenv(orphan) == "" {
		os.Exit(m.Run())
	}
	i, err := issuer.Start(context.Background())
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(os.Stdout, strconv.Itoa(i.PID()))
	os.Exit(0)
}

func start(t *testing.T) *issuer.Issuer {
	t.Helper()
	i, err := issuer.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Stop(); err != nil {
			t.Error(err)
		}
	})
	return i
}

// What the tests rely on is that the tokens are what a real provider makes.
func TestTokens(t *testing.T) {
	i := start(t)
	keys := published(t, metadata(t, i)["jwks_uri"].(string))
	for _, algorithm := range []string{"ES256", "RS256"} {
		text, err := i.Token(t.Context(), issuer.Order{Audience: audience, Scopes: []string{"read", "write"}, Algorithm: algorithm, Life: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		got := parse(t, text)
		if got.header["alg"] != algorithm || got.header["typ"] != "at+jwt" {
			t.Errorf("header %v, want %s and at+jwt", got.header, algorithm)
		}
		for name, want := range map[string]any{"iss": i.URL(), "aud": audience, "sub": "acme", "scope": "read write", "tenant": "acme", "role": "service"} {
			if got.claims[name] != want {
				t.Errorf("%s: claim %s is %v, want %v", algorithm, name, got.claims[name], want)
			}
		}
		if life := got.claims["exp"].(float64) - got.claims["iat"].(float64); life != 60 {
			t.Errorf("lives %v seconds, want 60", life)
		}
		if kid, _ := got.header["kid"].(string); !verified(t, got, keys[kid]) {
			t.Errorf("%s: the published key %q did not make the signature", algorithm, kid)
		}
	}
}

func TestLogin(t *testing.T) {
	i := start(t)
	tokens, err := i.Login(t.Context(), "alice", audience)
	if err != nil {
		t.Fatal(err)
	}
	if access := parse(t, tokens.Access); access.claims["sub"] != "alice" || access.claims["aud"] != audience {
		t.Errorf("access token is for %v", access.claims)
	}
	if id := parse(t, tokens.ID); id.claims["sub"] != "alice" || id.claims["aud"] != "browser" {
		t.Errorf("ID token is for %v", id.claims)
	}
	if tokens.Refresh == "" || strings.Contains(tokens.Refresh, ".") {
		t.Errorf("refresh token %q is not opaque", tokens.Refresh)
	}
}

// What the tests rely on is that an issuer says of tokens what a real one says: of an
// opaque one whose it is, until it is revoked, and of a refresh token that it is active.
func TestIntrospection(t *testing.T) {
	i := start(t)
	text, err := i.Token(t.Context(), issuer.Order{Audience: audience, Scopes: []string{"read"}, Opaque: true})
	if err != nil || strings.Contains(text, ".") {
		t.Fatalf("got %q, %v", text, err)
	}
	answer, err := i.Introspect(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"active": true, "client_id": "acme", "iss": i.URL(), "aud": audience, "scope": "read", "tenant": "acme", "token_type": "Bearer"} {
		if answer[name] != want {
			t.Errorf("%s is %v, want %v", name, answer[name], want)
		}
	}
	if err := i.Revoke(t.Context(), "acme", text); err != nil {
		t.Fatal(err)
	}
	tokens, err := i.Login(t.Context(), "alice", audience)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]bool{text: false, "made-up": false, tokens.Refresh: true} {
		if answer, err := i.Introspect(t.Context(), token); err != nil || answer["active"] != want || answer["token_type"] != nil {
			t.Errorf("got %v, %v, want active %t and no type", answer, err, want)
		}
	}
}

func TestRotation(t *testing.T) {
	i := start(t)
	old := sign(t, i)
	if names, err := i.Rotate(t.Context()); err != nil || len(names) != 4 {
		t.Fatalf("got %v, %v", names, err)
	}
	fresh := sign(t, i)
	keys := published(t, i.URL()+issuer.JWKS)
	for name, got := range map[string]token{"old": old, "fresh": fresh} {
		if !verified(t, got, keys[got.header["kid"].(string)]) {
			t.Errorf("%s key does not verify while both are published", name)
		}
	}
	names, err := i.Retire(t.Context())
	if err != nil || !slices.Contains(names, fresh.header["kid"].(string)) {
		t.Fatalf("got %v, %v", names, err)
	}
	keys = published(t, i.URL()+issuer.JWKS)
	if _, there := keys[old.header["kid"].(string)]; there || len(keys) != 2 {
		t.Errorf("after retiring, published are %v", keys)
	}
}

func sign(t *testing.T, i *issuer.Issuer) token {
	t.Helper()
	text, err := i.Token(t.Context(), issuer.Order{Audience: audience})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, text)
}

// An issuer that left refuses connections, and nothing else changes: it has the
// same address and the same keys when it returns.
func TestLeave(t *testing.T) {
	i := start(t)
	before := sign(t, i)
	if err := i.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := look(http.DefaultClient, i.URL()+issuer.JWKS); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want a refused connection", err)
	}
	if err := i.Return(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := sign(t, i); after.header["kid"] != before.header["kid"] {
		t.Errorf("signs with %v, before with %v", after.header, before.header)
	}
}

// look asks for a document and is not interested in it.
func look(client *http.Client, address string) error {
	response, err := client.Get(address)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func TestFaults(t *testing.T) {
	i := start(t)
	tests := []struct {
		name   string
		fault  issuer.Fault
		status int
		body   string
		least  time.Duration
	}{
		{"broken", issuer.Fault{Path: issuer.JWKS, Status: 500, Body: "no"}, 500, "no", 0},
		{"empty set", issuer.Fault{Path: issuer.JWKS, Status: 200, Body: `{"keys":[]}`}, 200, `{"keys":[]}`, 0},
		{"slow", issuer.Fault{Path: issuer.JWKS, Delay: 200 * time.Millisecond, Status: 200, Body: "late"}, 200, "late", 200 * time.Millisecond},
		{"elsewhere", issuer.Fault{Path: issuer.Discovery, Status: 500}, 200, "", 0},
		{"none", issuer.Fault{}, 200, "", 0},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if err := i.Fail(t.Context(), c.fault); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			response, err := http.Get(i.URL() + issuer.JWKS)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != c.status || (c.body != "" && string(body) != c.body) {
				t.Errorf("got %d %s, %v", response.StatusCode, body, err)
			}
			if took := time.Since(began); took < c.least {
				t.Errorf("took %v, want at least %v", took, c.least)
			}
		})
	}
	t.Run("hang", func(t *testing.T) {
		if err := i.Fail(t.Context(), issuer.Fault{Path: issuer.JWKS, Hang: true}); err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Timeout: 200 * time.Millisecond}
		if err := look(client, i.URL()+issuer.JWKS); !os.IsTimeout(err) {
			t.Errorf("got %v, want a timeout", err)
		}
	})
	// All of them were fetches, whatever was answered.
	if got, err := i.Fetches(t.Context(), issuer.JWKS); err != nil || len(got) != len(tests)+1 {
		t.Errorf("counted %d fetches, %v; want %d", len(got), err, len(tests)+1)
	}
}

func TestForge(t *testing.T) {
	i := start(t)
	keys := published(t, i.URL()+issuer.JWKS)
	for _, c := range []struct {
		algorithm, secret string
		signed            bool
	}{{"ES256", "", true}, {"RS256", "", true}, {"HS256", "pem", false}, {"HS256", "der", false}, {"HS256", "jwk", false}, {"HS256", "empty", false}, {"none", "", false}} {
		text, err := i.Forge(t.Context(), issuer.Forgery{
			Header: map[string]any{"alg": c.algorithm, "typ": "x"},
			Claims: map[string]any{"iss": "anyone"},
			Secret: c.secret,
		})
		if err != nil {
			t.Fatal(err)
		}
		got := parse(t, text)
		if got.header["typ"] != "x" || got.claims["iss"] != "anyone" || (len(got.signature) == 0) != (c.algorithm == "none") {
			t.Errorf("%s: forged %v", c.algorithm, got)
		}
		good := false
		for _, key := range keys {
			good = good || (key.Algorithm == c.algorithm && verified(t, got, key))
		}
		if good != c.signed {
			t.Errorf("%s %s: signed by a published key: %v, want %v", c.algorithm, c.secret, good, c.signed)
		}
	}
}

// A test that was killed leaves no issuer behind: the guard is that the script
// ends with its standard input.
func TestNoOrphan(t *testing.T) {
	starter := exec.CommandContext(t.Context(), os.Args[0])
	starter.Env = append(os.Environ(), orphan+"=1")
	out, err := starter.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pid, err := strconv.Atoi(string(out))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if !running(pid) {
			return
		}
	}
	t.Errorf("issuer %d outlived who started it", pid)
}

// running reports whether the process lives. An orphan that ended may stay a
// zombie where nobody waits for it, as in a container whose first process is no
// init.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func metadata(t *testing.T, i *issuer.Issuer) map[string]any {
	t.Helper()
	response, err := http.Get(i.URL() + issuer.Discovery)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var found map[string]any
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		t.Fatal(err)
	}
	return found
}
