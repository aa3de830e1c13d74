package ops_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/ops"
)

// TestStatus holds the whole page against testdata, as a person reads it.
func TestStatus(t *testing.T) {
	broken := whole()
	broken.Reload = func() ops.Reload {
		return ops.Reload{
			Looked: ago(2 * time.Second), Last: ago(time.Minute), FailingSince: ago(time.Hour), Applied: 2, Refused: 3,
			Restart:  []string{"/etc/sallyport.yaml:9:3: cache.max_bytes: needs a restart"},
			Problems: []string{`/etc/sallyport.yaml:5:16: server.listeners[0].address: address "<a>"; expected "host:port"; mend: write it`},
		}
	}
	broken.Keys = func() []ops.Keys {
		return []ops.Keys{{"partners", 0, time.Time{}, 4, 4, "connection refused"}, {"staff", 2, ago(26 * time.Minute), 9, 5, "status 503"}}
	}
	broken.Listeners = func() []ops.Listener {
		return []ops.Listener{{"127.0.0.1:9191", false, true}, {"10.0.0.1:9191", true, false}}
	}
	for name, sources := range map[string]ops.Sources{"bare": live(), "whole": whole(), "broken": broken} {
		t.Run(name, func(t *testing.T) {
			p := begin(t, sources)
			p.Record(event("orders", authz.Allow, "", authz.CacheMiss))
			p.Record(event("orders", authz.Allow, "", authz.CacheHit))
			p.Record(event("orders", authz.Allow, "", authz.CacheJoined))
			page := p.get("/status")
			want, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(page.Body.String(), string(want)); diff != "" {
				t.Errorf("status (-got +want):\n%s", diff)
			}
			if got := page.Header().Get("Content-Type"); got != "application/json" || page.Code != http.StatusOK {
				t.Errorf("got %d %s", page.Code, got)
			}
		})
	}
}

// TestReadiness: a refused reload leaves the process ready, since it decides as
// well as before; a process without a snapshot, or one that drains, is not.
func TestReadiness(t *testing.T) {
	refused := whole()
	refused.Reload = func() ops.Reload {
		return ops.Reload{Last: noon(), FailingSince: noon(), Problems: []string{"x:1:1: y"}}
	}
	stopping := whole()
	stopping.Draining = func() bool { return true }
	unborn := live()
	unborn.Load = func() authz.Load { return authz.Load{Limit: 1} }
	for _, c := range []struct {
		name    string
		sources ops.Sources
		code    int
		word    string
		red     string
	}{
		{"live", live(), 200, "ready", ""},
		{"every part", whole(), 200, "ready", ""},
		{"refused reload", refused, 200, "ready", "files changed and were refused (1 problem(s)), since 2026-03-01T12:00:00Z: generation 3 stays live"},
		{"draining", stopping, 503, "draining", "not ready: draining"},
		{"no snapshot", unborn, 503, "starting", "not ready: starting"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := begin(t, c.sources)
			if got := p.get("/readyz"); got.Code != c.code || got.Body.String() != c.word+"\n" {
				t.Errorf("readyz: got %d %q, want %d %q", got.Code, got.Body, c.code, c.word)
			}
			if got := p.get("/livez"); got.Code != http.StatusOK || got.Body.String() != "alive\n" {
				t.Errorf("livez: got %d %q, want 200", got.Code, got.Body)
			}
			if got := sample(p.families(t), "sallyport_ready"); got != map[bool]float64{true: 1}[c.code == 200] {
				t.Errorf("sallyport_ready: got %v", got)
			}
			var page struct {
				State string
				Red   []string
			}
			if err := json.Unmarshal(p.get("/status").Body.Bytes(), &page); err != nil {
				t.Fatal(err)
			}
			if page.State != c.word || strings.Join(page.Red, "; ") != c.red {
				t.Errorf("status: got %s, red %q, want %s, %q", page.State, page.Red, c.word, c.red)
			}
		})
	}
}
