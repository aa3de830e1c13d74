package rego_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/rego"
)

// folder writes files into a new folder and gives its path.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// load makes the shipped policy with one more module.
func load(t testing.TB, module string) (*rego.Policy, error) {
	t.Helper()
	root := folder(t, map[string]string{"p.rego": module})
	return rego.New(t.Context(), rego.Settings{Paths: []string{root}})
}

// own makes a policy in place of the shipped one; its entrypoint is data.own.answer.
func own(t testing.TB, rules string, change ...func(*rego.Settings)) *rego.Policy {
	t.Helper()
	settings := rego.Settings{
		Paths:   []string{folder(t, map[string]string{"own.rego": "package own\n\n" + rules})},
		Replace: true, Entrypoint: "data.own.answer",
	}
	for _, c := range change {
		c(&settings)
	}
	policy, err := rego.New(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// ann calls a route that asks for orders:read, in her own tenant.
func ann() *authz.Input {
	return &authz.Input{
		Caller: authz.Caller{Authenticator: "keys", Tenant: "acme", Scopes: []string{"orders:read"}},
		Tenant: "acme",
		Route:  authz.InputRoute{Scopes: []string{"orders:read"}},
	}
}

// refusedWith wants an *Error with a place in a file of that ending, and a text.
func refusedWith(t *testing.T, err error, file, text string) {
	t.Helper()
	if err == nil {
		t.Fatal("accepted")
	}
	var e *rego.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *rego.Error", err)
	}
	if !strings.HasSuffix(e.File, file) || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want a place in %q and the text %q", err, file, text)
	}
}
