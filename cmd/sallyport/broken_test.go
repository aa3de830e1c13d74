package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sound is a configuration without a fault. Every broken one below differs from
// it in one place.
const sound = `mode: development
server:
  max_checks: 64
  listeners:
    - address: 127.0.0.1:9001
scopes: [read, write]
authenticators:
  - name: key
    on_invalid: stop
    apikey:
      header: x-api-key
      keys:
        - id: ci
          sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
          scopes: [read]
  - name: guest
    anonymous: {}
denials:
  - name: plain
    rules:
      - reasons: [scope]
        status: 403
        body: '{"error":"{{.Code}}"}'
denial: plain
hosts:
  - name: api
    match: [api.example.com]
    preflight: refuse
    routes:
      - methods: [GET]
        path: /v1/orders/{id}
        scopes: [read]
        accept: [key]
      - id: health
        methods: [GET]
        path: /health
        tenant: none
        accept: [guest]
        public: true
decision_log: {buffer: 16}
`

// broken is sound with old replaced by new; want is what the message begins
// with behind the file's name.
type broken struct{ name, old, new, want string }

func TestSound(t *testing.T) {
	if _, err := load(t.Context(), write(t, sound), time.Now); err != nil {
		t.Fatal(err)
	}
}

// TestBroken shows that each fault is refused with its place, what is wrong and
// how to mend it, and that nothing else is reported. Each row goes red when the
// check that it names in its message is taken out.
func TestBroken(t *testing.T) {
	rows := slices.Concat(brokenForm(), brokenServer(), brokenCallers(), brokenRoutes(), brokenRecords(), brokenOps(), brokenOutbound(), brokenJWT(), brokenIntrospection(), brokenAgentJWT(), brokenSession(), brokenEdges(), brokenMTLS(), brokenShared(), brokenBearer(), brokenVerify(), brokenStore(), brokenCache(), brokenSources())
	if len(rows) < 30 {
		t.Errorf("%d broken configurations, want at least 30", len(rows))
	}
	t.Setenv("SALLYPORT_TEST_EMPTY", "")
	t.Setenv("SALLYPORT_TEST_SERVER_KEY", strings.Repeat("0123456789abcdef", 4))
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if strings.Count(sound, row.old) != 1 {
				t.Fatalf("%q stands %d times in the sound configuration, want once", row.old, strings.Count(sound, row.old))
			}
			checkRefused(t, strings.Replace(sound, row.old, row.new, 1), row.want)
		})
	}
}

func checkRefused(t *testing.T, text, want string) {
	t.Helper()
	file := write(t, text)
	_, err := load(t.Context(), file, time.Now)
	if err == nil {
		t.Fatal("it was taken")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 1 {
		t.Errorf("got %d problems, want one:\n%v", len(lines), err)
	}
	got, inFile := strings.CutPrefix(lines[0], file)
	if !inFile || !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %s%q...", lines[0], file, want)
	}
	if _, mend, told := strings.Cut(got, "; mend: "); !told || len(mend) < 5 {
		t.Errorf("%q does not say how to mend it", got)
	}
}

func write(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sallyport.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// brokenForm are faults that a YAML reader would pass in silence or report
// without a way out.
func brokenForm() []broken {
	return []broken{
		{"empty file", sound, "# nothing here\n", ": the file is empty; expected one YAML document"},
		{"not YAML", "scopes: [read, write]", "scopes: [read", ":5:1: yaml: "},
		{"no mapping", sound, "- a\n", ":1:1: the document is no mapping; expected field: value"},
		{"second document", "decision_log: {buffer: 16}\n", "---\nmode: development\n", ":40:1: a second document begins here; expected one YAML document"},
		{"duplicate key", "mode: development", "mode: development\nmode: production", `:2:1: duplicate key "mode", first on line 1; expected each key once`},
		{"duplicate key deep down", "        status: 403", "        status: 403\n        status: 401", `:23:9: denials[0].rules[0]: duplicate key "status", first on line 22`},
		{"duplicate key in claims", "          scopes: [read]\n", "          claims: {a: 1, a: 2}\n", `:15:26: authenticators[0].apikey.keys[0].claims: duplicate key "a"`},
		{"anchor", "scopes: [read, write]", "scopes: &all [read, write]", `:6:1: scopes: anchor "all"; expected plain values`},
		{"merge key", "denial: plain", "denial: plain\n<<: {mode: development}", ":25:1: merge key <<; expected plain values"},
		{"unknown field", "max_checks: 64", "max_check: 64", `:3:3: server: unknown field "max_check"; expected one of [listeners max_receive_bytes max_checks check_timeout deadline_margin max_request_bytes max_connection_age max_connection_age_grace drain stop_timeout reflection]; mend: write "max_checks"`},
		{"JSON's name of a field", "max_checks: 64", "maxChecks: 64", `:3:3: server: unknown field "maxChecks"`},
		{"number of a field", "mode: development", "1: development", `:1:1: unknown field "1"`},
		{"field without a value", "mode: development", "mode:", ":1:6: mode: no value; expected a value"},
		{"list for a number", "max_checks: 64", "max_checks: [64]", ":3:15: expected scalar, got sequence; expected a value of the field's type"},
		{"word for a number", "max_checks: 64", "max_checks: many", ":3:15: invalid integer"},
		{"word for true", "public: true", "public: yes", `:39:17: expected bool, got "yes"; expected a value of the field's type; mend: write true or false`},
		{"bad duration", "max_checks: 64", "check_timeout: 3 parsecs", ":3:18: invalid duration"},
		{"two kinds", "    anonymous: {}", "    anonymous: {}\n    host: {}", ":18:11: field anonymous is already set for oneof kind"},
	}
}

func brokenServer() []broken {
	const listener = "    - address: 127.0.0.1:9001\n"
	return []broken{
		{"unknown mode", "mode: development", "mode: prod", `:1:7: mode: unknown value "prod"; expected one of [production development]`},
		{"no listeners", "  listeners:\n" + listener, "", ":2:1: server: no listeners; expected at least one listener"},
		{"plain beyond loopback", "127.0.0.1:9001", "0.0.0.0:9001", ":5:16: server.listeners[0].address: plain listener on 0.0.0.0:9001"},
		{"plain on a name", "127.0.0.1:9001", "localhost:9001", ":5:16: server.listeners[0].address: plain listener on localhost:9001"},
		{"address without port", "127.0.0.1:9001", "127.0.0.1", `:5:16: server.listeners[0].address: address "127.0.0.1"; expected "host:port" or "unix:/path"`},
		{"relative socket", "127.0.0.1:9001", "unix:authz.sock", `:5:16: server.listeners[0].address: address "unix:authz.sock"`},
		{"address twice", listener, listener + listener, `:6:16: server.listeners[1].address: "127.0.0.1:9001" is already the name of server.listeners[0].address`},
		{"half-set tls", listener, listener + "      tls: {certificate: file:a, key: file:b, client_ca: file:c}\n", ":6:7: server.listeners[0].tls.peers: tls without peers; expected certificate, key, client_ca and peers"},
		{"tls and insecure", listener, listener + "      insecure: true\n      tls: {peers: [a]}\n", ":6:17: server.listeners[0].insecure: insecure: true beside tls"},
		{"unknown scheme", listener, listener + "      scheme: https\n", `:6:15: server.listeners[0].scheme: unknown value "https"`},
		{"margin eats the deadline", "max_checks: 64", "deadline_margin: 2s", ":3:20: server.deadline_margin: a margin of 2s leaves nothing of 1s"},
		{"timeout of nothing", "max_checks: 64", "check_timeout: 0s", ":3:18: server.check_timeout: duration 0s; expected 5ms to 1m0s"},
		{"age of nothing", "max_checks: 64", "max_connection_age: 10ms", ":3:23: server.max_connection_age: duration 10ms; expected 1s to 24h0m0s"},
		{"grace that cuts Checks", "max_checks: 64", "max_connection_age_grace: 1s", ":3:29: server.max_connection_age_grace: a grace of 1s cuts Checks that take 1.02s; expected more than check_timeout and deadline_margin"},
		{"grace that was not thought of", "max_checks: 64", "check_timeout: 10s\n  stop_timeout: 11s", ":2:1: server.max_connection_age_grace: a grace of 10s cuts Checks that take 10.02s"},
		{"stop that cuts Checks", "max_checks: 64", "stop_timeout: 500ms", ":3:17: server.stop_timeout: 500ms to stop cut Checks that take 1.02s; expected at least check_timeout"},
		{"stop of nothing", "max_checks: 64", "stop_timeout: 0s", ":3:17: server.stop_timeout: duration 0s; expected above zero"},
		{"drain below zero", "max_checks: 64", "drain: -1s", ":3:10: server.drain: duration -1s; expected 0s to 10m0s"},
		{"drain that never ends", "max_checks: 64", "drain: 1h", ":3:10: server.drain: duration 1h0m0s; expected 0s to 10m0s"},
		{"receive limit below bodies", "max_checks: 64", "max_request_bytes: 20000000", ":2:1: server.max_receive_bytes: 16777216 bytes do not hold a body of 20000000"},
		{"looking all the time", "decision_log:", "reload: {interval: 1ms}\ndecision_log:", ":40:20: reload.interval: duration 1ms; expected 100ms to 1h0m0s"},
		{"looking never", "decision_log:", "reload: {interval: 10000h}\ndecision_log:", ":40:20: reload.interval: duration 10000h0m0s; expected 100ms to 1h0m0s; mend: write it as in 5s, the default"},
		{"off with an interval", "decision_log:", "reload: {off: true, interval: 1s}\ndecision_log:", ":40:31: reload.interval: an interval of what is off"},
		{"policy path missing", "decision_log:", "policies: {paths: [nowhere]}\ndecision_log:", `:40:20: policies.paths[0]: policy path "nowhere": nothing is there`},
		{"replace without entrypoint", "decision_log:", "policies: {replace: true}\ndecision_log:", ":40:21: policies.replace: replace without entrypoint; expected both, or none"},
		{"entrypoint without replace", "decision_log:", "policies: {entrypoint: data.a.b}\ndecision_log:", ":40:24: policies.entrypoint: entrypoint without replace"},
	}
}

// brokenCache are faults of what is remembered, and how long.
func brokenCache() []broken {
	return []broken{
		{"cache of a route", "        path: /health\n", "        path: /health\n        cache: sometimes\n", `:37:16: hosts[0].routes[1].cache: unknown value "sometimes"; expected one of [on off]`},
		{"cache too small", "decision_log:", "cache: {max_bytes: 1000}\ndecision_log:", ":40:20: cache.max_bytes: 1000 bytes; expected 8388608 to 68719476736"},
		{"cache for nothing", "decision_log:", "cache: {ttl: 0s}\ndecision_log:", ":40:14: cache.ttl: duration 0s; expected above zero, at most 1m"},
		{"denials that stay", "decision_log:", "cache: {deny_ttl: 1h}\ndecision_log:", ":40:19: cache.deny_ttl: duration 1h0m0s; expected above zero, at most 1m"},
	}
}

// TestProduction: there an anonymous caller is only one whom the route calls public
// and a limit holds back. Who says nothing of the mode is in production. Guards:
// inProduction asks for the word development; checkPublic; anonymousLimit.
func TestProduction(t *testing.T) {
	limited := strings.Replace(sound, "anonymous: {}", "anonymous: {limit: {per_second: 0.5, burst: 1}}", 1)
	const (
		mode, public = "mode: development\n", "        public: true\n"
		closed       = ":38:9: hosts[0].routes[1].accept: anonymous callers are accepted in production; expected public: true beside it"
		unlimited    = ":17:5: authenticators[1].anonymous: anonymous callers without a limit, in production; expected a limit"
	)
	for _, written := range []string{"mode: production\n", "mode: \"\"\n", "\n"} {
		production := func(text string) string { return strings.Replace(text, mode, written, 1) }
		checkRefused(t, production(sound), unlimited)
		checkRefused(t, production(strings.Replace(limited, public, "", 1)), closed)
		checkTaken(t, production(limited))
	}
	checkTaken(t, sound)
	checkTaken(t, strings.Replace(sound, public, "", 1))
}

func checkTaken(t *testing.T, text string) {
	t.Helper()
	if _, err := load(t.Context(), write(t, text), time.Now); err != nil {
		t.Errorf("got %v, want no problem", err)
	}
}
