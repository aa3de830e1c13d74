package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

const example = "../../examples/prood"

// TestMain builds the program once for all tours.
func TestMain(m *testing.M) { os.Exit(mesh.RunTests(m)) }

// A tour that cannot go red proves nothing: the guard is want.compare.
func TestTourFindsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	const requests = `beside: better-auth/server.mjs
requests:
  - {name: as said, method: GET, host: shop.acme.test, path: /v1/products, want: {status: 200, rule: sallyport.scope}}
  - {name: wrong status, method: GET, host: shop.acme.test, path: /v1/products, want: {status: 403, rule: sallyport.scope}}
  - {name: wrong reason, method: GET, host: a.test, path: /v1/products, want: {status: 401, reason: rejected, rule: caller}}
  - {name: wrong rule, method: GET, host: shop.acme.test, path: /v1/products, want: {status: 200, rule: other}}
  - {name: wrong body, method: GET, host: a.test, path: /v1/products, want: {status: 401, reason: unauthenticated, rule: caller, body: "{}"}}
  - {name: wrong header, method: GET, host: shop.acme.test, path: /v1/products, want: {status: 200, rule: sallyport.scope, upstream: {x-authz-tenant: B}}}
`
	if err := os.WriteFile(filepath.Join(dir, "tour.yaml"), []byte(requests), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{dir}, &out)
	if err == nil || !strings.HasSuffix(out.String(), "\n1 passed, 5 failed\n") {
		t.Errorf("got %v after\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "NOT AS EXPECTED wrong header: upstream header x-authz-tenant is A, want B") {
		t.Errorf("the output does not say what is wrong:\n%s", out.String())
	}
}

// Each example's tour passes, and prints what its README shows.
func TestExampleToursPass(t *testing.T) {
	tours, err := filepath.Glob("../../examples/*/tour.yaml")
	if err != nil || len(tours) < 2 {
		t.Fatalf("found %v, %v", tours, err)
	}
	for _, tour := range tours {
		folder := filepath.Dir(tour)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			var out bytes.Buffer
			if err := run(t.Context(), []string{folder}, &out); err != nil || !strings.HasSuffix(out.String(), " passed, 0 failed\n") {
				t.Fatalf("got %v after\n%s", err, out.String())
			}
			readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
			if err != nil {
				t.Fatal(err)
			}
			if shown := trimmed(out.String()); !strings.Contains(string(readme), shown) {
				t.Errorf("the README does not show what the tour prints:\n%s", shown)
			}
		})
	}
}

// A seed that fails ends the tour, with what it said, and with nothing left running.
func TestSeedThatFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, mesh.SeedName), []byte("echo no ground >&2; exit 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{dir}, io.Discard); err == nil || !strings.Contains(err.Error(), "no ground") {
		t.Errorf("got %v, want what the script said", err)
	}
}

// trimmed is the text without the spaces at the end of its lines.
func trimmed(text string) string {
	return regexp.MustCompile(` +\n`).ReplaceAllString(text, "\n")
}

func TestReadTourRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown field", "requests: [{name: a, path: /, wants: {}}]", "wants"},
		{"nothing", "", "has no requests"},
		{"no status", "requests: [{name: a, method: GET, host: h, path: /, want: {rule: r}}]", "want.status"},
		{"no rule", "requests: [{name: a, method: GET, host: h, path: /, want: {status: 200}}]", "want.rule"},
		{"user beside a header", "requests: [{name: a, method: GET, host: h, path: /, user: 'a:b', headers: {authorization: c}, want: {status: 200, rule: r}}]", "one of the two"},
		{"no path", "requests: [{name: a, method: GET, host: h, want: {status: 200, rule: r}}]", "path"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tour.yaml")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := readTour(path); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error that names %q", err, c.want)
			}
		})
	}
}

func TestCurl(t *testing.T) {
	line, ok := curl("127.0.0.1:1", stop{Method: "DELETE", Host: "h", Path: "/a?b", Headers: map[string]string{"x": "y"}})
	if want := `curl -i -X DELETE -H "host: h" -H "x: y" "http://127.0.0.1:1/a?b"`; !ok || line != want {
		t.Errorf("got %s, %v; want %s", line, ok, want)
	}
	if _, ok := curl("127.0.0.1:1", stop{Method: "GET", Host: "h", Path: "/a%2Fb"}); ok {
		t.Error("a path that curl rewrites was shown")
	}
}

// The guard is Secrets.Expand: a secret that nobody printed would be sent as nothing.
func TestFilled(t *testing.T) {
	secrets := mesh.Secrets{"TOKEN": "mbz_1", "PASSWORD": "a:b"}
	tests := []struct {
		name string
		stop stop
		want string
		bad  bool
	}{
		{"secret in a header", stop{Headers: map[string]string{"authorization": "Bearer ${TOKEN}"}}, "Bearer mbz_1", false},
		{"user", stop{User: "ann:${PASSWORD}"}, "Basic YW5uOmE6Yg==", false},
		{"nobody printed it", stop{Headers: map[string]string{"authorization": "Bearer ${TOKENS}"}}, "", true},
		{"user that nobody printed", stop{User: "${ANN}:x"}, "", true},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.stop.filled(secrets)
			if (err != nil) != c.bad || !c.bad && got.Headers["authorization"] != c.want {
				t.Errorf("got %v, %v; want %q", got.Headers, err, c.want)
			}
		})
	}
}
