package authz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// TestSecretIsNotPrinted, by no verb, in no nesting, by no encoder. Guards:
// Secret.Format, MarshalText, LogValue.
func TestSecretIsNotPrinted(t *testing.T) {
	secret := authz.NewSecret("hunter2")
	credential := authz.Credential{Name: "alice", Value: secret}
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"}
	holders := map[string]any{
		"secret": secret, "pointer": &secret, "credential": credential, "pointer to credential": &credential, "list": []authz.Secret{secret},
		"map": map[string]authz.Credential{"a": credential}, "any": []any{secret}, "unexported field": struct{ s authz.Secret }{secret},
	}
	for name, holder := range holders {
		for _, verb := range verbs {
			if text := fmt.Sprintf(verb, holder); leaks(text) {
				t.Errorf("%s by %s: %s", name, verb, text)
			}
		}
		text, err := json.Marshal(holder)
		if err != nil || leaks(string(text)) {
			t.Errorf("%s as JSON: %s, %v", name, text, err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "k", holder)
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "k", holder)
		if leaks(log.String()) {
			t.Errorf("%s in a log: %s", name, log.String())
		}
	}
	if got := fmt.Sprintf("%v", secret); got != "[secret]" {
		t.Errorf("printed as %q", got)
	}
}

// leaks finds the secret in clear and in the hexadecimal of %x.
func leaks(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "hunter2") || strings.Contains(lower, fmt.Sprintf("%x", "hunter2"))
}

// TestSecretReveals what it hides, and the zero Secret nothing.
func TestSecretReveals(t *testing.T) {
	if got := authz.NewSecret("hunter2").Reveal(); got != "hunter2" {
		t.Errorf("revealed %q", got)
	}
	if got := (authz.Secret{}).Reveal(); got != "" {
		t.Errorf("the zero Secret reveals %q", got)
	}
}

// TestNoVerdictHoldsTheSecret, on no way that a check may go.
func TestNoVerdictHoldsTheSecret(t *testing.T) {
	s := scene{known: group(onBearer()), accept: [][]*authz.Configured{group(onHeader())}}
	for _, headers := range [][]authz.Header{
		{header("x-api-key", "hunter2")},
		{header("x-api-key", "hunter2 x")},
		{header("x-api-key", "hunter2"), header("x-api-key", "hunter2")},
		{header("authorization", "Bearer hunter2")},
		{header("authorization", "hunter2")},
		{header("authorization", "Hunter2 x")},
		{alice(), header("x-api_key", "hunter2")},
	} {
		got := s.check(t, headers...)
		if got.Effect == authz.Allow {
			t.Errorf("%v: allowed", headers)
		}
		got.Trail.Route = nil
		if text := fmt.Sprintf("%+v", got); leaks(text) {
			t.Errorf("%v: %s", headers, text)
		}
	}
}
