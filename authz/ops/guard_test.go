package ops_test

import (
	"net/http"
	"testing"
)

// TestHostsAreOurs: a browser that was told that evil.example is 127.0.0.1 asks
// for evil.example. Guard: guard.ours, and each row one condition of it.
func TestHostsAreOurs(t *testing.T) {
	p := begin(t, live(), "sallyport.internal")
	for host, want := range map[string]int{
		"localhost": 200, "localhost:9192": 200, "LOCALHOST.": 200, "127.0.0.1:9192": 200, "10.2.3.4": 200, "[::1]:9192": 200,
		"sallyport.internal:9192": 200, "Sallyport.Internal": 200,
		"evil.example": 421, "evil.example:9192": 421, "localhost.evil.example": 421, "evillocalhost": 421, "127.0.0.1.evil.example": 421,
		"127.1": 421, "0x7f000001": 421, "2130706433": 421, "": 421, "localhost,evil.example": 421, "evil.example@localhost": 421,
		"other.internal": 421, "[::1%25lo]": 421,
	} {
		for _, path := range []string{"/metrics", "/livez", "/readyz", "/status", "/"} {
			wanted := want
			if path == "/" && want == 200 {
				wanted = 404
			}
			if got := p.ask(http.MethodGet, host, path); got.Code != wanted {
				t.Errorf("%s as %q: got %d, want %d", path, host, got.Code, wanted)
			}
		}
	}
}

func TestOnlyReading(t *testing.T) {
	p := begin(t, live())
	for method, want := range map[string]int{
		http.MethodGet: 200, http.MethodHead: 200, http.MethodPost: 405, http.MethodPut: 405, http.MethodDelete: 405,
		http.MethodPatch: 405, http.MethodOptions: 405, http.MethodTrace: 405, http.MethodConnect: 405, "BREW": 405,
	} {
		for _, path := range []string{"/metrics", "/livez", "/readyz", "/status"} {
			if got := p.ask(method, "localhost", path); got.Code != want {
				t.Errorf("%s %s: got %d, want %d", method, path, got.Code, want)
			}
		}
	}
}

// There is nothing but the four pages: no profiles, no variables, no index.
func TestNothingElse(t *testing.T) {
	p := begin(t, live())
	for _, path := range []string{"/", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/metrics/", "/status/x", "/config", "//status"} {
		if got := p.ask(http.MethodGet, "localhost", path); got.Code == http.StatusOK {
			t.Errorf("%s: got %d", path, got.Code)
		}
	}
}

func TestPagesStayWithWhoAsked(t *testing.T) {
	p := begin(t, live())
	for _, path := range []string{"/metrics", "/livez", "/readyz", "/status", "/nothing"} {
		header := p.get(path).Header()
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
			"Access-Control-Allow-Origin": "",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}
