package decider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/decider"
)

// TestTenantDefects plants a defect a row into the configuration, and wants that a caller
// passes for another tenant, or one tenant's keys for another's.
func TestTenantDefects(t *testing.T) {
	file := program(t)
	const within = 4000
	for name, change := range map[string]func(string) string{
		"members of nothing pass": func(text string) string {
			return strings.ReplaceAll(text, `path: "/member/{org}", tenant: "path:org"`, `path: "/member/{org}", tenant: "path:org", membership: none`)
		},
		"the path is not the tenant": func(text string) string {
			return strings.ReplaceAll(text, `path: "/policy/{org}", tenant: "path:org"`, `path: "/policy/{org}", tenant: caller`)
		},
		"one tenant's keys are all tenants'": func(text string) string {
			return regexp.MustCompile(`keys\d+\.json`).ReplaceAllString(text, "keys7.json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := decider.BeginTenants(t.Context(), decider.TenantSetting{Program: file, Dir: t.TempDir(), Change: change})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = w.Close() }()
			for number := range uint64(within) {
				if err := w.Try(t.Context(), 1, number); err != nil {
					t.Logf("%v", err)
					return
				}
			}
			t.Error("it found nothing")
		})
	}
}
