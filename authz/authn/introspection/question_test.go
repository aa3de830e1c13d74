package introspection_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
)

// TestFaults (T-C22): whatever the endpoint does, nobody can tell, nothing is
// remembered, and the process lives.
func TestFaults(t *testing.T) {
	var fault func(context.Context) ([]byte, error)
	f := about(ann)
	f.faults = map[string]func(context.Context) ([]byte, error){token: func(ctx context.Context) ([]byte, error) { return fault(ctx) }}
	a := authenticator(t, settings(f))
	for name, answer := range map[string]func(context.Context) ([]byte, error){
		"refused": func(context.Context) ([]byte, error) { return nil, errRefused },
		"panic":   func(context.Context) ([]byte, error) { panic("about " + token) },
		"nothing": func(context.Context) ([]byte, error) { return nil, nil },
	} {
		fault = answer
		_, basis, err := ask(t, a, token)
		if !unknown(err) || basis.Lasting || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v, %v", name, basis, err)
		}
	}
	delete(f.faults, token)
	if _, _, err := ask(t, a, token); err != nil {
		t.Errorf("a whole answer afterwards: got %v", err)
	}
}

// TestAge: an answer is used to its age, counted from when it was asked for, and what
// is then known is asked for anew.
func TestAge(t *testing.T) {
	var now atomic.Int64
	f := about(ann)
	slow := time.Duration(0)
	f.faults = map[string]func(context.Context) ([]byte, error){token: func(context.Context) ([]byte, error) {
		now.Add(int64(slow))
		return []byte(f.answers[token]), nil
	}}
	a := authenticator(t, settings(f, func(s *introspection.Settings) {
		s.Now = func() time.Time { return today.Add(time.Duration(now.Load())) }
	}))
	for _, step := range []struct {
		name  string
		at    time.Duration
		says  string
		slow  time.Duration
		calls int64
		want  string
		until time.Duration
	}{
		{"first", 0, ann, time.Second, 1, "caller", 30 * time.Second},
		{"revoked, and remembered", 29 * time.Second, `{"active":false}`, 0, 1, "caller", 30 * time.Second},
		{"revoked, and asked about", 30 * time.Second, `{"active":false}`, 0, 2, "rejected", 35 * time.Second},
		{"active again, and remembered", 34 * time.Second, ann, 0, 2, "rejected", 35 * time.Second},
		{"active again", 35 * time.Second, ann, 0, 3, "caller", 65 * time.Second},
		{"too late to hold", 70 * time.Second, ann, 31 * time.Second, 4, "unknown", 0},
	} {
		now.Store(int64(step.at))
		f.answers[token], slow = step.says, step.slow
		_, basis, err := ask(t, a, token)
		got := "caller"
		switch {
		case errors.Is(err, authz.ErrRejected):
			got = "rejected"
		case err != nil:
			got = "unknown"
		}
		if got != step.want || f.calls.Load() != step.calls || got != "unknown" && !basis.Until.Equal(today.Add(step.until)) {
			t.Errorf("%s: got %s (%v) until %v after %d calls", step.name, got, err, basis.Until.Sub(today), f.calls.Load())
		}
	}
}
