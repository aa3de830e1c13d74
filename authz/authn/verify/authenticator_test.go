package verify_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/verify"
)

// The contract of every kind.
func TestContract(t *testing.T) {
	h := &hook{
		answers: map[string]string{"opaque-of-ann": `{"claims":{"userId":"ann"}}`, "opaque-broken": `{"active":true}`},
		faults:  map[string]func(context.Context) ([]byte, error){"opaque-down": func(context.Context) ([]byte, error) { return nil, errRefused }},
	}
	for header, present := range map[string]func(*authz.Attributes, string){
		"": authntest.ByHeader("authorization", "Bearer"), "X-Access-Token": authntest.ByHeader("x-access-token", ""),
	} {
		t.Run(header, func(t *testing.T) {
			authntest.Run(t, authntest.Suite{
				New: func(t testing.TB) authntest.Subject {
					t.Helper()
					a := authenticator(t, settings(h, func(s *verify.Settings) { s.Header = header }))
					return authntest.Subject{Traits: a.Traits(), Authenticator: a}
				},
				Present:     present,
				Valid:       []string{"opaque-of-ann"},
				Rejected:    []string{"opaque-of-nobody", `quote"inside`, "<script>&"},
				Malformed:   []string{"two words", "ümlaut-inside", "a,comma", strings.Repeat("a", 8<<10+1)},
				Unavailable: []string{"opaque-broken", "opaque-down"},
			})
		})
	}
}

func TestTraits(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*verify.Settings)
		want   authz.Traits
	}{
		{"bearer", func(*verify.Settings) {}, authz.Traits{
			Carriers: []authz.Carrier{authz.InHeader("authorization")}, Claims: []authz.Claim{{Scheme: "bearer", Shape: authz.ShapeOpaque}},
			Reads: authz.Reads{"header:authorization"}, Reuse: authz.ReuseNever, Challenge: "Bearer",
		}},
		{"another header, prefixed", func(s *verify.Settings) { s.Header, s.Prefix = "X-Session", "s_" }, authz.Traits{
			Carriers: []authz.Carrier{authz.InHeader("x-session")}, Claims: []authz.Claim{{Shape: authz.ShapePrefix, Prefix: "s_"}},
			Reads: authz.Reads{"header:x-session"}, Reuse: authz.ReuseNever, Challenge: "Bearer",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(authenticator(t, settings(about(ann), test.change)).Traits(), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// TestNewRefuses: half of what is needed is not enough.
func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*verify.Settings){
		"no asker":                 func(s *verify.Settings) { s.Asker = nil },
		"no endpoint":              func(s *verify.Settings) { s.Endpoint = "" },
		"a credential of two":      func(s *verify.Settings) { s.Bearer = authz.NewSecret("two words") },
		"a header of the proxy":    func(s *verify.Settings) { s.Header = "X-Forwarded-For" },
		"a header that is none":    func(s *verify.Settings) { s.Header = "x token" },
		"a prefix with a space":    func(s *verify.Settings) { s.Prefix = "a b" },
		"a prefix of a lost byte":  func(s *verify.Settings) { s.Prefix = "a!" },
		"a prefix without a token": func(s *verify.Settings) { s.Prefix = strings.Repeat("a", 8<<10) },
		"a claim without a name":   func(s *verify.Settings) { s.Claims.Pass = []string{""} },
		"no timeout":               func(s *verify.Settings) { s.Timeout = 0 },
		"negative calls":           func(s *verify.Settings) { s.MostCalls = -1 },
		"calls without a bound":    func(s *verify.Settings) { s.MostCalls = 257 },
	} {
		if _, err := verify.New(settings(about(ann), change)); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// TestOnce (C34): each request asks once, equal ones at the same time too, and nothing is
// remembered. The guards are that Authenticate asks, and Traits.Reuse.
func TestOnce(t *testing.T) {
	h := about(ann)
	a := authenticator(t, settings(h, func(s *verify.Settings) { s.MostCalls = 64 }))
	const requests = 100
	var group sync.WaitGroup
	for range requests {
		group.Go(func() {
			caller, basis, err := ask(t.Context(), a)
			if err != nil || caller.Subject != "ann" || basis.Lasting {
				t.Errorf("got %q, %+v, %v", caller.Subject, basis, err)
			}
		})
	}
	group.Wait()
	if got := h.calls.Load(); got != requests {
		t.Errorf("%d requests, and the hook was asked %d times", requests, got)
	}
	h.answers = nil // another word from now on
	if _, basis, err := ask(t.Context(), a); !errors.Is(err, authz.ErrRejected) || basis.Lasting {
		t.Errorf("got %+v, %v, want a rejection that nobody remembers", basis, err)
	}
}

// TestHangs (C32, T-F7): a hook that hangs holds as many requests as may ask and wait, and
// no more; each of them ends in time, and nobody is refused or let in. The guards are
// places.enter, and WithTimeout in ask.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, timeout = 3, time.Second
		h := hangs()
		a := authenticator(t, settings(h, func(s *verify.Settings) { s.MostCalls, s.Timeout = most, timeout }))
		began, held := time.Now(), sync.WaitGroup{}
		for range 2 * most {
			held.Go(func() {
				if _, _, err := ask(t.Context(), a); !unknown(err) || time.Since(began) != timeout {
					t.Errorf("got %v after %v, want could not tell after %v", err, time.Since(began), timeout)
				}
			})
		}
		synctest.Wait()
		if got := h.calls.Load(); got != most {
			t.Errorf("%d questions under way, want %d", got, most)
		}
		for range 100 {
			if _, _, err := ask(t.Context(), a); !unknown(err) || !strings.Contains(err.Error(), "too many wait") {
				t.Errorf("got %v, want too many at once", err)
			}
		}
		if time.Since(began) != 0 {
			t.Error("somebody waited who found no room to wait in")
		}
		held.Wait()

		// All places are free again.
		h.faults = nil
		for range 3 * most {
			if _, _, err := ask(t.Context(), a); !errors.Is(err, authz.ErrRejected) {
				t.Errorf("got %v, want an answer", err)
			}
		}
	})
}

// TestCancelled: who does not wait for its turn any more leaves, and says nothing of the
// token.
func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hangs()
		a := authenticator(t, settings(h, func(s *verify.Settings) { s.MostCalls = 1 }))
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if _, _, err := ask(ctx, a); !unknown(err) || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want that it was cancelled", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		group.Wait()
		if got := h.calls.Load(); got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}
