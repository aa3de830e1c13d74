package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// brokenRecords are decision logs that would not tell what they seem to.
func brokenRecords() []broken {
	return []broken{
		{"endless decision log", "buffer: 16", "buffer: 4000000000", ":40:24: decision_log.buffer: 4000000000 records"},
		{"records to nowhere", "buffer: 16", "to: stderr", `:40:20: decision_log.to: records to "stderr"; expected stdout or file:path`},
		{"records to no name", "buffer: 16", "to: 'file:'", `:40:20: decision_log.to: records to "file:"`},
		{"records to an empty text", "buffer: 16", "to: ''", `:40:20: decision_log.to: records to ""`},
		{"records to no folder", "buffer: 16", "to: file:/nowhere/records", ":40:20: decision_log.to: no folder /nowhere"},
		{"records to a device", "buffer: 16", "to: file:/dev/null", ":40:20: decision_log.to: /dev/null is not a regular file"},
		{"header with a space", "buffer: 16", "headers: [user agent]", `:40:26: decision_log.headers[0]: header "user agent"`},
		{"pseudo header", "buffer: 16", "headers: [':path']", `:40:26: decision_log.headers[0]: header ":path"`},
		{"header twice", "buffer: 16", "headers: [via, via]", `:40:31: decision_log.headers[1]: "via" is already the name of`},
		{"all headers and one", "buffer: 16", "headers: [via, '*']", `:40:31: decision_log.headers[1]: "*" beside names; expected one of the two`},
		{"claim without a name", "buffer: 16", "claims: [realm.]", `:40:25: decision_log.claims[0]: claim "realm."`},
		{"all claims and one", "buffer: 16", "claims: ['*', sub]", `:40:25: decision_log.claims[0]: "*" beside names`},
		{"mask for a header not shown", "buffer: 16", "headers: [x-user], mask_headers: [x-usr]", `:40:50: decision_log.mask_headers[0]: a mask for the header "x-usr", which no record shows; expected a header of decision_log.headers`},
		{"mask for a claim not shown", "buffer: 16", "claims: [realm.tenant], mask_claims: [realm.tenants]", `:40:54: decision_log.mask_claims[0]: a mask for the claim "realm.tenants"`},
		{"mask for everything", "buffer: 16", "headers: ['*'], mask_headers: ['*']", `:40:47: decision_log.mask_headers[0]: header "*"`},
		{"mask for nothing", "buffer: 16", "claims: ['*'], mask_claims: ['']", `:40:45: decision_log.mask_claims[0]: claim ""`},
	}
}

// Masks that hide something are taken, and a file is not made by looking.
func TestRecordsAsTheyMayBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records")
	for _, settings := range []string{
		"to: stdout", "to: file:" + file, "to: file:records",
		"headers: [x-user, via], mask_headers: [X-User]", "headers: ['*'], mask_headers: [x-user]",
		"claims: [realm.tenant], mask_claims: [realm]", "claims: [realm], mask_claims: [realm.tenant]", "claims: ['*'], mask_claims: [a.b]",
	} {
		text := strings.Replace(sound, "buffer: 16", settings, 1)
		if _, err := load(t.Context(), write(t, text), time.Now); err != nil {
			t.Errorf("%s: %v", settings, err)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the file was made before anything is served")
	}
}
