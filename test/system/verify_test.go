package system_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/canary"
)

// TestVerify: who has a token is who the operator's own hook says, once a request.
func TestVerify(t *testing.T) {
	t.Parallel()
	ann := canary.New("hooked").Value
	h := newHook(t, map[string]string{
		ann:             `{"token":"` + ann + `","claims":{"userId":"ann","scopes":["tools"],"org":"acme","role":"agent","plan":"free"}}`,
		"writer-token":  `{"claims":{"userId":"bob","scopes":"tools write"}}`,
		"nobody-token":  `{"claims":{"scopes":["tools","write"]}}`,
		"blocked-token": `{"claims":{"userId":"blocked","scopes":["tools"]}}`,
	})
	w := beginHooked(t, h)
	ask := func(t *testing.T, method, path, token string) reply {
		t.Helper()
		return w.ask(t, "raw", call{method: method, host: mcp, path: path, headers: []field{bearer(token)}})
	}
	t.Run("C33", func(t *testing.T) {
		for _, listener := range asking() {
			got := w.ask(t, listener, post(mcp, "/mcp", bearer(ann)))
			passes(t, got)
			onlyIdentity(t, got, map[string]string{
				"x-authz-kind": "verify", "x-authz-subject": "ann", "x-authz-role": "agent", "x-authz-scopes": "tools",
				"x-authz-claims": "eyJwbGFuIjoiZnJlZSJ9",
			})
			if got.upstream("authorization") != "" {
				t.Error("the upstream saw the token")
			}
		}
		refused(t, ask(t, http.MethodDelete, "/mcp", ann), 403, `{"code":"scope"}`)
		passes(t, ask(t, http.MethodDelete, "/mcp", "writer-token"))
		if got := ask(t, http.MethodGet, "/mcp", "blocked-token"); got.status != 403 || got.seen != nil {
			t.Errorf("blocked by a rule: got %d", got.status)
		}
	})
	t.Run("C34", func(t *testing.T) { testOnceARequest(t, w, h, ann) })
	t.Run("C32", func(t *testing.T) { testHookAnswers(t, w, h, ann) })
	t.Run("T-F7", func(t *testing.T) { testHookHangs(t, w, h, ann) })
}

// testOnceARequest: however many rules read what the hook said, and however many equal
// requests come at once. The guards are Reuse of the kind and its Basis: each is enough.
func testOnceARequest(t *testing.T, w *world, h *hook, token string) {
	t.Helper()
	for n := range int64(3) {
		before := h.calls.Load()
		passes(t, w.ask(t, "raw", get(mcp, "/mcp", bearer(token)))) // five rules read the caller
		if got := h.calls.Load() - before; got != 1 {
			t.Errorf("request %d: the hook was asked %d times, want once", n+1, got)
		}
	}
	// No answer comes before a second question does: who would join a flight waits for none.
	const requests = 4 // as many as may ask and wait
	before, answer := h.calls.Load(), judges(h.answers[token])
	h.fail(func(w http.ResponseWriter, r *http.Request) {
		for began := time.Now(); h.calls.Load()-before < 2 && time.Since(began) < 300*time.Millisecond; time.Sleep(time.Millisecond) {
		}
		answer(w, r)
	})
	var group sync.WaitGroup
	for range requests {
		group.Go(func() { passes(t, w.ask(t, "raw", get(mcp, "/mcp", bearer(token)))) })
	}
	group.Wait()
	h.fail(nil)
	if got := h.calls.Load() - before; got != requests {
		t.Errorf("%d equal requests at once: the hook was asked %d times", requests, got)
	}
	before = h.calls.Load()
	for name, headers := range map[string][]field{
		"nothing": nil, "two words": {bearer("two words")}, "another scheme": {{"authorization", "Basic YTpi"}},
		"two tokens": {bearer(token), bearer(token)}, "a key beside": {key("example-agent"), bearer(token)},
	} {
		if got := w.ask(t, "raw", get(mcp, "/either", headers...)); got.status/100 != 4 || got.seen != nil {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	if got := h.calls.Load(); got != before {
		t.Errorf("the hook was asked %d times about what is no one token", got-before)
	}
}

// testHookAnswers: null is 401, and whatever is neither null nor an identity 503, as soon
// as it comes. Nothing of it stays.
func testHookAnswers(t *testing.T, w *world, h *hook, token string) {
	t.Helper()
	for range 2 {
		refused(t, w.ask(t, "raw", get(mcp, "/mcp", bearer("unknown-token"))), 401, `{"code":"rejected"}`)
	}
	refused(t, w.ask(t, "raw", get(mcp, "/mcp", bearer("nobody-token"))), 503, `{"code":"unavailable"}`)
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
		}
	}
	identity := `{"claims":{"userId":"ann","scopes":["tools"]}}`
	for name, fault := range map[string]http.HandlerFunc{
		"500": status(500), "503": status(503), "401": status(401), "404": status(404), "204": status(204), "redirect": status(307),
		"HTML":           func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(identity)) },
		"nothing":        judges(""),
		"not active":     judges(`{"active":false}`),
		"both":           judges(`{"active":false,"claims":{"userId":"ann"}}`),
		"claims twice":   judges(`{"claims":{"userId":"ann"},"claims":{"userId":"bob"}}`),
		"another token":  judges(`{"token":"other","claims":{"userId":"ann"}}`),
		"says the token": judges(`{"claims":{"userId":"` + token + `"}}`),
		"1 MB":           judges(`{"claims":{"userId":"ann","x":"` + strings.Repeat("x", 1<<20) + `"}}`),
		"cut":            func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"never":          hangs,
	} {
		t.Run(name, func(t *testing.T) {
			before := h.calls.Load()
			h.fail(fault)
			refused(t, w.ask(t, "raw", get(mcp, "/mcp", bearer(token))), 503, `{"code":"unavailable"}`)
			h.fail(nil)
			if got := h.calls.Load() - before; got != 1 {
				t.Errorf("the hook was asked %d times, want once", got)
			}
			passes(t, w.ask(t, "raw", get(mcp, "/mcp", bearer(token))))
		})
	}
}

// testHookHangs: it holds as many Checks as may ask it and wait for that, and no others;
// after five silences nobody asks for a while. The guards are places.enter of authz/authn/verify,
// and outbound.Breaker.
func testHookHangs(t *testing.T, w *world, h *hook, token string) {
	t.Helper()
	h.fail(hangs)
	defer h.fail(nil)
	var group sync.WaitGroup
	for range 40 { // more than max_checks
		group.Go(func() { unavailable(t, w.ask(t, "raw", get(mcp, "/mcp", bearer(token)))) })
	}
	for began := time.Now(); h.under.Load() < 2 && time.Since(began) < slack; time.Sleep(time.Millisecond) {
	}
	for range 40 {
		passes(t, w.ask(t, "raw", get(mcp, "/key", key("example-agent"))))
	}
	group.Wait()
	left := false
	for began := time.Now(); !left && time.Since(began) < slack; {
		before := h.calls.Load()
		got := w.ask(t, "raw", get(mcp, "/mcp", bearer(token)))
		unavailable(t, got)
		left = h.calls.Load() == before && strings.Contains(w.recordOf(t, got).Cause, "not asked")
	}
	if !left {
		t.Error("the hook is still asked")
	}
	h.fail(nil)
	_, before := w.at(t, mcp, "/mcp").until(t, token, 200, slack)
	onlyBefore(t, "before the hook was asked again", before, 503)
}

// unavailable leaves open whether the proxy waited for the answer: on a busy machine it
// may not.
func unavailable(t *testing.T, got reply) {
	t.Helper()
	if got.status != http.StatusServiceUnavailable || got.seen != nil {
		t.Errorf("got %d %s, want 503", got.status, got.body)
	}
}
