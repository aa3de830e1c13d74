package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// TestEveryFieldIsSettled: a new field of the configuration is either taken over
// while the process runs or tells that it needs a restart. Neither by accident.
func TestEveryFieldIsSettled(t *testing.T) {
	taken := []protoreflect.Name{"mode", "scopes", "authenticators", "denials", "denial", "hosts", "connections", "policies", "records"}
	fields := (&configv1.Config{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		name := fields.Get(i).Name()
		if slices.Contains(taken, name) == slices.Contains(fixed(), name) {
			t.Errorf("%s: say in fixed() that it needs a restart, or here that it is taken over", name)
		}
	}
}

// TestRestarts tells each field that needs a restart, where it stands, and no
// other. The guards are fixed, changeless and what differ compares.
func TestRestarts(t *testing.T) {
	const tls = "127.0.0.1:9001\n      tls: {certificate: file:a.pem, key: file:a.key, client_ca: file:a.pem, peers: [a]}"
	for _, c := range []struct {
		name, began, old, new string
		want                  []string
	}{
		{"nothing", sound, "", "", nil},
		{"a route", sound, "path: /health", "path: /healthz", nil},
		{"a key", sound, "id: ci", "id: cd", nil},
		{"how much is decided at once", sound, "max_checks: 64", "max_checks: 65", []string{":3:15: server.max_checks"}},
		{"back to the default", sound, "  max_checks: 64\n", "", []string{":2:1: server.max_checks"}},
		{"zero is not unset", sound, "  max_checks: 64\n", "  max_checks: 64\n  drain: 0s\n", []string{":4:10: server.drain"}},
		{"the address", sound, "127.0.0.1:9001", "127.0.0.1:9002", []string{":4:3: server.listeners"}},
		{"tls on", sound, "127.0.0.1:9001", tls, []string{":4:3: server.listeners"}},
		{"tls off", strings.Replace(sound, "127.0.0.1:9001", tls, 1), tls, "127.0.0.1:9001", []string{":4:3: server.listeners"}},
		{"what is behind tls", strings.Replace(sound, "127.0.0.1:9001", tls, 1), "peers: [a]", "peers: [b]", nil},
		{"the scheme", sound, "127.0.0.1:9001", "127.0.0.1:9001\n      scheme: trusted", []string{":4:3: server.listeners"}},
		{"the decision log", sound, "buffer: 16", "off: true", []string{":40:21: decision_log.off", ":40:1: decision_log.buffer"}},
		{"what records show", sound, "buffer: 16", "buffer: 16, headers: [via], claims: [a], mask_headers: [via], mask_claims: [a]", nil},
		{"how verdicts live", sound, "decision_log:", "cache: {ttl: 1s, deny_ttl: 1s}\ndecision_log:", nil},
		{"no more memory", sound, "decision_log:", "cache: {off: true}\ndecision_log:", nil},
		{"memory after none", sound + "cache: {off: true}\n", "cache: {off: true}\n", "", []string{": cache.off"}},
		{"more memory", sound, "decision_log:", "cache: {max_bytes: 8388608}\ndecision_log:", []string{":40:20: cache.max_bytes"}},
		{"how changes are found", sound, "decision_log:", "reload: {interval: 1s}\ndecision_log:", []string{":40:20: reload.interval"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			began, now := written(t, c.began), written(t, strings.Replace(c.began, c.old, c.new, 1))
			var got []string
			for _, line := range problemLines(now.restarts(began.fixed())) {
				place, _, _ := strings.Cut(line, ": needs a restart: ")
				got = append(got, strings.TrimPrefix(place, now.root.File()))
			}
			for i := range max(len(got), len(c.want)) {
				if i >= len(got) || i >= len(c.want) || !strings.HasSuffix(got[i], c.want[i]) {
					t.Fatalf("got %q, want %q", got, c.want)
				}
			}
		})
	}
}

func written(t *testing.T, text string) settings {
	t.Helper()
	file := write(t, text)
	certify(t, filepath.Dir(file), "a")
	p, err := load(t.Context(), file, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p.settings
}
