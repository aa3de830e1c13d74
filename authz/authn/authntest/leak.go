package authntest

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// checkSecrets searches all that could be printed for the values. A kind
// without a carrier holds none.
func checkSecrets(tr *trial) error {
	if !tr.carried() {
		return nil
	}
	var all []error
	for _, s := range tr.suite.samples() {
		of, a := tr.fresh(), tr.attributes(s.value)
		if credential, err := of.Extract(a); err == nil && shows(credential, s.value) {
			all = append(all, fmt.Errorf("%s: the credential shows the secret", s.want))
		}
		got, _ := tr.try(tr.t.Context(), of, a)
		if shows(got.Caller, s.value) {
			all = append(all, fmt.Errorf("%s: the caller shows the secret", s.want))
		}
		if shows(got.err, s.value) {
			all = append(all, fmt.Errorf("%s: the error shows the secret", s.want))
		}
	}
	return errors.Join(all...)
}

// shows reports whether v holds the secret in a form in which it may be logged.
func shows(v any, secret string) bool {
	if v == nil || len(secret) < shortestSecret {
		return false
	}
	for _, text := range printed(v) {
		if strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

func printed(v any) []string {
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		texts = append(texts, fmt.Sprintf(verb, v))
	}
	if encoded, err := json.Marshal(v); err == nil {
		texts = append(texts, string(encoded))
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "v", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "v", v)
	return append(texts, log.String())
}
