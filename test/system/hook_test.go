package system_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sallyport-authz/sallyport/test/canary"
)

// hook is an operator's own service that judges tokens.
type hook struct {
	*httptest.Server
	secret string
	// calls is how often it was asked, under how many questions it holds now.
	calls, under atomic.Int64

	mu      sync.Mutex
	answers map[string]string
	fault   http.HandlerFunc
}

// newHook starts a hook that knows these tokens, by what it says of them.
func newHook(t *testing.T, answers map[string]string) *hook {
	t.Helper()
	h := &hook{secret: canary.New("hook").Value, answers: answers}
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) serve(w http.ResponseWriter, r *http.Request) {
	h.calls.Add(1)
	h.under.Add(1)
	defer h.under.Add(-1)
	text, err := io.ReadAll(r.Body)
	var question map[string]string
	if err != nil || json.Unmarshal(text, &question) != nil || len(question) != 1 || r.Method != http.MethodPost ||
		r.URL.String() != "/verify" || r.Header.Get("Authorization") != "Bearer "+h.secret || r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "no such question", http.StatusTeapot)
		return
	}
	h.mu.Lock()
	fault, answer := h.fault, h.answers[question["token"]]
	h.mu.Unlock()
	if fault != nil {
		fault(w, r)
		return
	}
	if answer == "" {
		answer = "null"
	}
	judges(answer)(w, r)
}

// fail makes every answer this one, until it is nil.
func (h *hook) fail(fault http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fault = fault
}

// judges answers 200 with a JSON text.
func judges(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, text)
	}
}

// hangs never answers.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// beginHooked starts a world whose tokens the hook judges.
func beginHooked(t *testing.T, h *hook) *world {
	t.Helper()
	config := configure(t, "testdata/verify", "http://hook.test", h.URL)
	must(t, os.WriteFile(filepath.Join(filepath.Dir(config), "hook.secret"), []byte(h.secret), 0o600))
	return beginOn(t, config, wireEnvoy)
}
