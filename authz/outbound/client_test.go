package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// canary stands in everything that a server sends and in each URL's path and query.
const canary = "hunter2"

// TestAnswers: one whole 200 within the bounds counts, and nothing else. Each row
// goes red without the case of refuse, do or Settings that it is named after.
func TestAnswers(t *testing.T) {
	const limit = 1 << 10
	exact := strings.Repeat("x", limit)
	for _, row := range []struct {
		name   string
		answer http.HandlerFunc
		want   error
		body   string
	}{
		{"whole", say(exact), nil, exact},
		{"empty", say(""), nil, ""},
		{"one byte too many", say(exact + "x"), outbound.ErrTooLarge, ""},
		{"10 MB that are announced", announce(10 << 20), outbound.ErrTooLarge, ""},
		{"10 MB that are not", flood(10 << 20), outbound.ErrTooLarge, ""},
		{"gzip that nobody asked for", bomb(true), outbound.ErrEncoding, ""},
		{"gzip that is not called so", bomb(false), outbound.ErrTooLarge, ""},
		{"identity that is called so", encoded("identity"), outbound.ErrEncoding, ""},
		{"encoded in an empty way", encoded(""), outbound.ErrEncoding, ""},
		{"cut", cut, outbound.ErrUnreachable, ""},
		{"nothing", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, outbound.ErrUnreachable, ""},
		{"head too large", header("X-Secret", strings.Repeat(canary, 20<<10)), outbound.ErrUnreachable, ""},
		{"created", status(http.StatusCreated), outbound.ErrStatus, ""},
		{"no content", status(http.StatusNoContent), outbound.ErrStatus, ""},
		{"partial", status(http.StatusPartialContent), outbound.ErrStatus, ""},
		{"not found", status(http.StatusNotFound), outbound.ErrStatus, ""},
		{"broken", status(http.StatusInternalServerError), outbound.ErrStatus, ""},
		{"choices", status(http.StatusMultipleChoices), outbound.ErrRedirect, ""},
		{"not modified", status(http.StatusNotModified), outbound.ErrRedirect, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := newTrap(t, "127.0.0.1:0", row.answer)
			server.StartTLS()
			s := open(t, server)
			s.MaxBytes, s.Timeout = limit, 30*time.Second
			body, err := client(t, s).Get(t.Context(), "https://example.com:"+server.port()+"/"+canary+"?key="+canary)
			if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) || string(body) != row.body {
				t.Errorf("got %d bytes, %v, want %d, %v", len(body), err, len(row.body), row.want)
			}
			if err != nil && (strings.Contains(err.Error(), canary) || !strings.Contains(err.Error(), "example.com:"+server.port())) {
				t.Errorf("%q: want the host, and nothing of the answer, the path or the query", err)
			}
			if proxied.Load() != 0 {
				t.Error("the environment's proxy was asked")
			}
		})
	}
}

// TestPrintable: a certificate's names and a name's owner have no say in how the
// log looks.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"x509: not trusted": "x509: not trusted", "a\nb\x1b[31m\x00\xff\u202e": "a?b?[31m???", strings.Repeat("x", 300): strings.Repeat("x", 256) + "...",
	} {
		if got := outbound.Printable(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://example.com/"+canary)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, canary)
	}
}

func header(name, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(name, value) }
}

func encoded(as string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Encoding"] = []string{as}
		_, _ = io.WriteString(w, canary)
	}
}

func announce(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

// flood waits at its end: who reads on has no answer in time.
func flood(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for range size >> 10 {
			_, _ = w.Write(bytes.Repeat([]byte{'x'}, 1<<10))
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}
}

// bomb is 64 MiB of zeros in about 64 KiB.
func bomb(called bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if called {
			w.Header().Set("Content-Encoding", "gzip")
		}
		packed := gzip.NewWriter(w)
		for range 64 {
			_, _ = packed.Write(make([]byte, 1<<20))
		}
		_ = packed.Close()
	}
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, canary)
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// TestRedirects: what a Location names sees no connection, wherever it is. The
// guard is that do uses the transport itself.
func TestRedirects(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		inside := newTrap(t, "127.0.0.1:0", say("inside"))
		inside.Start()
		server := newTrap(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL+"/"+canary, code) })
		server.StartTLS()
		_, err := client(t, open(t, server)).Get(t.Context(), "https://example.com:"+server.port())
		if !errors.Is(err, outbound.ErrRedirect) || strings.Contains(err.Error(), canary) {
			t.Errorf("%d: got %v, want %v without the place", code, err, outbound.ErrRedirect)
		}
		if n := inside.connections.Load(); n != 0 {
			t.Errorf("%d: %d connections to the place", code, n)
		}
	}
}

// TestTLS: the guards are ServerName, RootCAs and MinVersion in dialer.secure.
func TestTLS(t *testing.T) {
	for _, row := range []struct {
		name, host string
		server     func(*tls.Config)
		client     func(*outbound.Settings)
		want       error
	}{
		{"sound", "example.com", nil, nil, nil},
		{"by address", "127.0.0.1", nil, nil, nil},
		{"only 1.2", "example.com", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, nil, nil},
		{"unknown authority", "example.com", nil, func(s *outbound.Settings) { s.Authorities = nil }, outbound.ErrTLS},
		{"wrong name", "other.test", nil, nil, outbound.ErrTLS},
		{"TLS 1.1", "example.com", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, nil, outbound.ErrTLS},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := newTrap(t, "127.0.0.1:0", say("sound"))
			server.TLS = &tls.Config{}
			if row.server != nil {
				row.server(server.TLS)
			}
			server.StartTLS()
			s := open(t, server)
			if row.client != nil {
				row.client(&s)
			}
			body, err := client(t, s).Get(t.Context(), "https://"+row.host+":"+server.port())
			if !errors.Is(err, row.want) || (err == nil) != (string(body) == "sound") {
				t.Errorf("got %q, %v, want %v", body, err, row.want)
			}
		})
	}
	plain := newTrap(t, "127.0.0.1:0", say("plain"))
	plain.Start()
	if _, err := client(t, open(t, plain)).Get(t.Context(), "https://127.0.0.1:"+plain.port()); !errors.Is(err, outbound.ErrTLS) {
		t.Errorf("a server without TLS: got %v, want %v", err, outbound.ErrTLS)
	}
}

// TestHTTP: what goes in clear stays on listed networks, whatever a name says.
// The guards are malformed's allowHTTP and dialer.plain.
func TestHTTP(t *testing.T) {
	server := newTrap(t, "127.0.0.1:0", say("clear"))
	server.Start()
	s := open(t, server)
	s.Resolver = resolver(t, map[string][]string{"example.com": {"127.0.0.1"}, "public.test": {"8.8.8.8"}, "inside.test": {"127.0.0.2"}})
	c := client(t, s)
	if body, err := c.Get(t.Context(), "http://example.com:"+server.port()); err != nil || string(body) != "clear" {
		t.Errorf("a listed address: got %q, %v", body, err)
	}
	for _, host := range []string{"public.test", "inside.test", "8.8.8.8"} {
		if _, err := c.Get(t.Context(), "http://"+host+":"+server.port()); !errors.Is(err, outbound.ErrAddress) {
			t.Errorf("%s: got %v, want %v", host, err, outbound.ErrAddress)
		}
	}
	s.AllowHTTP = false
	if _, err := client(t, s).Get(t.Context(), "http://127.0.0.1:"+server.port()); !errors.Is(err, outbound.ErrURL) {
		t.Errorf("http that is not allowed: got %v, want %v", err, outbound.ErrURL)
	}
	if n := server.connections.Load(); n != 1 {
		t.Errorf("%d connections, want the first alone", n)
	}
}

// TestSent: no cookie comes back, nothing is asked to be compressed and nobody is
// named but the host. The guards are DisableCompression and the use of the transport.
func TestSent(t *testing.T) {
	var seen []*http.Request
	server := newTrap(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r)
		http.SetCookie(w, &http.Cookie{Name: "session", Value: canary})
	})
	server.StartTLS()
	c := client(t, open(t, server))
	for range 2 {
		if _, err := c.Get(t.Context(), "https://example.com:"+server.port()+"/a/../b?c=%2f"); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range seen {
		if len(r.Header) != 1 || r.Header.Get("User-Agent") != "sallyport" || r.RequestURI != "/a/../b?c=%2f" || r.Proto != "HTTP/1.1" {
			t.Errorf("got %s %s %v, want the URL as it is and the name of the agent alone", r.Proto, r.RequestURI, r.Header)
		}
	}
	if n := server.connections.Load(); n != 1 {
		t.Errorf("%d connections, want one for both", n)
	}
}

// TestCancelled: whoever asked goes away, and that is no timeout.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := newTrap(t, "127.0.0.1:0", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	server.StartTLS()
	_, err := client(t, open(t, server)).Get(ctx, "https://example.com:"+server.port())
	if !errors.Is(err, context.Canceled) || errors.Is(err, outbound.ErrTimeout) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestClose ends the connections that are kept.
func TestClose(t *testing.T) {
	server := newTrap(t, "127.0.0.1:0", say("kept"))
	server.StartTLS()
	c := client(t, open(t, server))
	if _, err := c.Get(t.Context(), "https://example.com:"+server.port()); err != nil {
		t.Fatal(err)
	}
	c.Close()
	select {
	case <-server.ended:
	case <-time.After(5 * time.Second):
		t.Error("the connection is still there")
	}
}

// TestNew: a client without bounds, or whose settings contradict each other, is
// none. The guards are the cases of Settings.check.
func TestNew(t *testing.T) {
	sound := outbound.Settings{Timeout: time.Second, MaxBytes: 1}
	if _, err := outbound.New(sound); err != nil {
		t.Errorf("sound: got %v", err)
	}
	for name, change := range map[string]func(*outbound.Settings){
		"no timeout":          func(s *outbound.Settings) { s.Timeout = 0 },
		"no bound":            func(s *outbound.Settings) { s.MaxBytes = 0 },
		"a bound that is not": func(s *outbound.Settings) { s.MaxBytes = 1<<63 - 1 },
		"http to nowhere":     func(s *outbound.Settings) { s.AllowHTTP = true },
		"every network":       func(s *outbound.Settings) { s.AllowNetworks = []netip.Prefix{everything} },
	} {
		s := sound
		change(&s)
		if _, err := outbound.New(s); err == nil {
			t.Errorf("%s: it was made", name)
		}
	}
}
