package system_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// blocks are the README's blocks of code in one language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, block := range regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if block[1] == language {
			all = append(all, block[2])
		}
	}
	return all
}

// joined makes one configuration of all blocks: further authenticators stand behind
// the first ones.
func joined(blocks []string) string {
	whole := ""
	for _, block := range blocks {
		if more, further := strings.CutPrefix(block, "authenticators:\n"); further {
			whole = strings.Replace(whole, "hosts:\n", more+"hosts:\n", 1)
			continue
		}
		whole += block
	}
	return whole
}

// TestReadme: the README's configuration is one that the program takes, its rule
// passes its test, and what it shows of an error is what the program says.
func TestReadme(t *testing.T) {
	t.Setenv("OPS_KEY", "pk_example_0123456789")
	dir := short(t)
	config := filepath.Join(dir, "sallyport.yaml")
	must(t, os.Mkdir(filepath.Join(dir, "policies"), 0o700))
	rules := blocks(t, "rego")
	if len(rules) != 2 {
		t.Fatalf("%d blocks of Rego, want a rule and its test", len(rules))
	}
	for name, rule := range map[string]string{"office.rego": rules[0], "office_test.rego": rules[1]} {
		must(t, os.WriteFile(filepath.Join(dir, "policies", name), []byte(rule), 0o600))
	}
	whole := joined(blocks(t, "yaml")) + "policies: {paths: [policies]}\n"
	must(t, os.WriteFile(config, []byte(whole), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "records.token"), []byte("of-the-endpoint"), 0o600))
	must(t, mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config))

	change(t, config, "tenant: acme, scopes: [admin]}", "tenant: acme, scopes: [adminn]}")
	_, said, _ := strings.Cut(strings.Join(blocks(t, ""), ""), "sallyport.yaml:")
	said, _, _ = strings.Cut(said, "\n")
	if err := mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config); err == nil || said == "" || !strings.Contains(err.Error(), said) {
		t.Errorf("got %v, the README says %q", err, said)
	}
}
