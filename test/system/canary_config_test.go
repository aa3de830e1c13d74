package system_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/canary"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// TestCanariesInBrokenConfigurations: who writes a secret where a reference or a
// digest belongs is told so, and is not told the secret, which would then stand in
// the logs of a cluster. Each row is a key of an authenticator. Guards: the words of
// secrets.resolve, keylist.ParseDigest, splitPlace.
func TestCanariesInBrokenConfigurations(t *testing.T) {
	for name, written := range map[string]string{
		"inline":              "secret: %",
		"inline with a colon": "secret: 'user:%'",
		"quoted":              `secret: "%"`,
		"as a digest":         "sha256: %",
		"quote not closed":    `secret: "%`,
		"as a list":           "secret: [%]",
		"as a mapping":        "secret: {value: %}",
		"over two lines":      "secret: |\n            %\n            %",
		"anchored":            "secret: &a %",
		"twice":               "secret: %\n          secret: %",
		"both":                "secret: env:CANARY\n          sha256: %",
		"a tab":               "secret:\t%\n\t\tx: 1",
		"key of another name": "secrets: %",
		"file that is not":    "secret: file:nothing\n          # %",
		"file of others":      "secret: file:open.secret",
		"empty variable":      "secret: env:NOT_SET_AT_ALL\n          # %",
	} {
		t.Run(name, func(t *testing.T) {
			secret, dir := canary.New("key"), t.TempDir()
			t.Setenv("CANARY", secret.Value)
			must(t, os.WriteFile(filepath.Join(dir, "open.secret"), []byte(secret.Value), 0o600))
			must(t, os.Chmod(filepath.Join(dir, "open.secret"), 0o622))
			config := filepath.Join(dir, "sallyport.yaml")
			must(t, os.WriteFile(config, []byte(strings.ReplaceAll(strings.Replace(brokenCanary, "KEY", written, 1), "%", secret.Value)), 0o600))
			err := mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config)
			if err == nil || !strings.Contains(err.Error(), "configuration refused") {
				t.Fatalf("got %v, want a refusal", err)
			}
			for _, found := range canary.Find(err.Error(), secret) {
				t.Error(found)
			}
			if _, err = mesh.StartSallyport(t.Context(), os.Getenv("SALLYPORT"), config, "--log-level", "debug"); err == nil {
				t.Fatal("it started")
			}
			for _, found := range canary.Find(err.Error(), secret) {
				t.Errorf("serve: %v", found)
			}
		})
	}
}

const brokenCanary = `server: {listeners: [{address: "127.0.0.1:0"}]}
authenticators:
  - name: key
    apikey:
      keys:
        - id: ci
          KEY
hosts:
  - {name: api, match: [api.example.com], tenant: none, routes: [{methods: [GET], path: /a}]}
`
