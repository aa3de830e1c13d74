package main

import (
	"strings"
	"testing"
	"time"
)

// TestCSRFWarnings: who lets the header of a csrf rule get into other hands is told.
func TestCSRFWarnings(t *testing.T) {
	const (
		domain    = "other hosts of the domain can set this cookie"
		preflight = "may let another site's script pass the csrf rule of \"key\""
	)
	for _, row := range []struct {
		name, rule, preflight, want string
	}{
		{"a header alone", "csrf: {}", "refuse", ""},
		{"a header alone, and preflights", "csrf: {}", "allow", preflight},
		{"a cookie of the host", "csrf: {cookie: __Host-csrf}", "allow", ""},
		{"a cookie of the domain", "csrf: {cookie: csrf}", "refuse", domain},
		{"no rule", "transport: any", "allow", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := strings.NewReplacer("    on_invalid: stop\n", "    "+row.rule+"\n", "preflight: refuse", "preflight: "+row.preflight).Replace(sound)
			p, err := load(t.Context(), write(t, text), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(p.warnings); row.want == "" && got > 0 || row.want != "" && (got != 1 || !strings.Contains(p.warnings[0].String(), row.want)) {
				t.Errorf("got warnings %v, want %q", p.warnings, row.want)
			}
		})
	}
}
