package system_test

import (
	"strings"
	"testing"
)

// The counters that alone tell a request that was let through from an allowed
// one.
const (
	failedOpen = "http.open.ext_authz.failure_mode_allowed"
	failed     = "http.open.ext_authz.error"
	denials    = "http.open.ext_authz.denied"
)

// unanswered is a Sallyport that cannot be asked, in one of two ways.
type unanswered struct {
	name   string
	happen func(*world) error
}

// With failure_mode_allow Envoy lets a request through when it gets no answer.
// This is what the documentation says of it: the request passes without any
// credential, nothing but the stats shows it, and still nobody forges an
// identity.
func TestFailureModeAllow(t *testing.T) {
	tests := []unanswered{
		{"stopped", func(w *world) error { return w.sallyport.Suspend() }},
		{"gone", func(w *world) error { return w.sallyport.Kill() }},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			w := begin(t, wire, openEnvoy)
			refused(t, w.ask(t, "open", get(host, "/key")), 401, `{"code":"unauthenticated"}`)
			counts(t, w, 0, 1)
			must(t, c.happen(w))
			// A stopped program cannot end in order.
			t.Cleanup(func() { _ = w.sallyport.Kill() })
			got := w.ask(t, "open", get(host, "/key", field{"x-authz-subject", "root"}, field{"x_authz_tenant", "B"}))
			passes(t, got)
			if got.seen == nil {
				t.FailNow()
			}
			counts(t, w, 1, 1)
			onlyIdentity(t, got, nil)
			if got.upstream("x-envoy-auth-failure-mode-allowed") != "true" {
				t.Error("the upstream was not told that nobody decided")
			}
		})
	}
}

// A Sallyport that goes on after a pause decides again.
func TestResumed(t *testing.T) {
	w := begin(t, wire, openEnvoy)
	must(t, w.sallyport.Suspend())
	t.Cleanup(func() { _ = w.sallyport.Resume() })
	passes(t, w.ask(t, "open", get(host, "/key")))
	must(t, w.sallyport.Resume())
	refused(t, w.ask(t, "open", get(host, "/key")), 401, `{"code":"unauthenticated"}`)
}

// Whatever goes wrong inside must reach Envoy as a denial, since an error would
// be let through. The guards are the deadline below Envoy's, and that the server
// takes frames larger than any that Envoy may send.
func TestBrokenNeverOpens(t *testing.T) {
	w := begin(t, wire, openEnvoy)
	const fiveMiB = 5 << 20
	large := post(host, "/big")
	large.body = strings.Repeat("a", fiveMiB)
	tests := []struct {
		name   string
		call   call
		status int
	}{
		{"rule that never ends", get(host, "/key", key("example-reader"), field{"x-slow", "1"}), 503},
		{"5 MiB body, nobody", large, 401},
		{"5 MiB body, known", with(large, key("example-writer")), 200},
		{"bytes that are not UTF-8", get(host, "/key", key("\xff\xfe")), 401},
		{"60 KiB of headers", get(host, "/key", field{"x-long", strings.Repeat("a", 50<<10)}), 401},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got := w.ask(t, "open", c.call)
			if got.status != c.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
			}
			if got.seen != nil && got.seen.BodyLength != len(c.call.body) {
				t.Errorf("upstream got %d bytes, want %d", got.seen.BodyLength, len(c.call.body))
			}
			if w.stat(t, failedOpen) != 0 || w.stat(t, failed) != 0 {
				t.Errorf("Envoy counted %d errors, %d let through; want none", w.stat(t, failed), w.stat(t, failedOpen))
			}
		})
	}
}

func with(c call, h field) call {
	c.headers = append([]field{h}, c.headers...)
	return c
}

func counts(t *testing.T, w *world, opened, denied int64) {
	t.Helper()
	if got := w.stat(t, failedOpen); got != opened || w.stat(t, failed) != opened {
		t.Errorf("Envoy counted %d errors, %d let through; want %d", w.stat(t, failed), got, opened)
	}
	if got := w.stat(t, denials); got != denied {
		t.Errorf("Envoy counted %d denials, want %d", got, denied)
	}
}
