package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/ops"
)

// TestStandings: operators are told of each route whether its verdicts are
// remembered and why not, as validate tells it.
func TestStandings(t *testing.T) {
	const (
		orders  = "api GET /v1/orders/{id}"
		isOff   = "the cache is off"
		restart = "the cache was off when the process began: restart it"
	)
	declared := func(first, second string) []ops.Route {
		return []ops.Route{
			{ID: "GET /v1/orders/{id}", Operations: []string{orders}, Forgotten: first},
			{ID: "health", Operations: []string{"api GET /health"}, Forgotten: second},
		}
	}
	methods := declared("", "")
	methods[1].Operations = append(methods[1].Operations, "api POST /health")
	connection := append(declared("", ""), ops.Route{ID: "db", Operations: []string{"connection db"}, Forgotten: "connections are decided each time"})
	for _, c := range []struct {
		name, old, new string
		remembers      bool
		want           []ops.Route
		validate       string
	}{
		{"all", "", "", true, declared("", ""), "remembered: 2 of 2 operations\n"},
		{
			"one is off", "path: /health\n", "path: /health\n        cache: \"off\"\n", true, declared("", "its cache is off"),
			"remembered: 1 of 2 operations\n  not api GET /health: its cache is off\n",
		},
		{"all are off", "decision_log:", "cache: {off: true}\ndecision_log:", false, declared(isOff, isOff), "remembered: 0 of 2 operations\n  not any: the cache is off\n"},
		{"all were off", "", "", false, declared(restart, restart), "remembered: 2 of 2 operations\n"},
		{"two methods", "methods: [GET]\n        path: /health", "methods: [GET, POST]\n        path: /health", true, methods, "remembered: 3 of 3 operations\n"},
		{"a connection", "decision_log:", "connections: [{id: db, sni: [db.example.com], tenant: none, public: true, accept: [guest]}]\ndecision_log:", true, connection, "remembered: 2 of 2 operations\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := load(t.Context(), write(t, strings.Replace(sound, c.old, c.new, 1)), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(routes(p.summary.standings, c.remembers), c.want); diff != "" {
				t.Errorf("routes (-got +want):\n%s", diff)
			}
			if got := p.summary.remembered(); got != c.validate {
				t.Errorf("validate: got %q, want %q", got, c.validate)
			}
		})
	}
}

// TestOneShots: whose credential is good once is decided each time, and told.
func TestOneShots(t *testing.T) {
	once := &authz.Configured{Name: "agent"}
	again := &authz.Configured{Name: "key", Traits: authz.Traits{Reuse: authz.ReuseAllowed}}
	got := oneShots([][]*authz.Configured{{again, once}, {{Name: "hook"}}})
	if diff := cmp.Diff(got, []string{"agent", "hook"}); diff != "" {
		t.Errorf("names (-got +want):\n%s", diff)
	}
}
