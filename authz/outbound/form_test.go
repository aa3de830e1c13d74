package outbound_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// answer is a status, a media type ("" is none at all) and a body.
func answer(code int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		if media != "" {
			w.Header().Set("Content-Type", media)
		}
		w.Header().Set("Location", "https://example.com/"+canary)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// TestPostFormAnswers: a 200 of JSON counts, and nothing else. Nothing that was sent
// or answered shows in an error.
func TestPostFormAnswers(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer http.HandlerFunc
		want   error
		body   string
	}{
		{"JSON", answer(200, "application/json", "{}"), nil, "{}"},
		{"JSON with a charset, in capitals", answer(200, "Application/JSON; charset=UTF-8", "{}"), nil, "{}"},
		{"no media type", answer(200, "", canary), outbound.ErrMedia, ""},
		{"HTML", answer(200, "text/html", canary), outbound.ErrMedia, ""},
		{"almost JSON", answer(200, "application/json+"+canary, "{}"), outbound.ErrMedia, ""},
		{"JSON among others", answer(200, "application/json, text/html", "{}"), outbound.ErrMedia, ""},
		{"two media types", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{"application/json", "text/html"}
		}, outbound.ErrMedia, ""},
		{"a JWT (RFC 9701)", answer(200, "application/token-introspection+jwt", canary), outbound.ErrMedia, ""},
		{"created", answer(201, "application/json", canary), outbound.ErrStatus, ""},
		{"unauthorized", answer(401, "application/json", canary), outbound.ErrStatus, ""},
		{"redirect that keeps the method", answer(307, "application/json", canary), outbound.ErrRedirect, ""},
		{"too large", answer(200, "application/json", strings.Repeat(canary, 1<<10)), outbound.ErrTooLarge, ""},
		{"never", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or nobody notices that the client went
			<-r.Context().Done()
		}, outbound.ErrTimeout, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := newTrap(t, "127.0.0.1:0", row.answer)
			server.StartTLS()
			s := open(t, server)
			if errors.Is(row.want, outbound.ErrTimeout) {
				s.Timeout = 200 * time.Millisecond
			}
			body, err := client(t, s).PostForm(t.Context(), "https://example.com:"+server.port()+"/"+canary, "Basic "+canary, "token="+canary)
			if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) || string(body) != row.body {
				t.Errorf("got %q, %v, want %q, %v", body, err, row.body, row.want)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("%q shows what was sent or answered", err)
			}
		})
	}
}

// TestPostFormSent: what is sent is the form and the credential, and no place but the
// URL's is asked.
func TestPostFormSent(t *testing.T) {
	var got http.Header
	var form string
	server := newTrap(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, form = r.Header.Clone(), r.Method+" "+r.URL.String()+" "+string(text)
		answer(200, "application/json", "{}")(w, r)
	})
	server.StartTLS()
	c := client(t, open(t, server))
	if _, err := c.PostForm(t.Context(), "https://example.com:"+server.port()+"/introspect", "Bearer b", "token=a%2Bb&x="); err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Accept": {"application/json"}, "Authorization": {"Bearer b"}, "Content-Type": {"application/x-www-form-urlencoded"},
		"Content-Length": {"14"}, "User-Agent": {"sallyport"},
	}
	if diff := cmp.Diff(got, want); diff != "" || form != "POST /introspect token=a%2Bb&x=" {
		t.Errorf("sent %q (-got +want):\n%s", form, diff)
	}
	if _, err := c.PostJSON(t.Context(), "https://example.com:"+server.port()+"/records", "Bearer b", `{"id":"a"}`); err != nil {
		t.Fatal(err)
	}
	want.Set("Content-Type", "application/json")
	want.Set("Content-Length", "10")
	if diff := cmp.Diff(got, want); diff != "" || form != `POST /records {"id":"a"}` {
		t.Errorf("sent %q (-got +want):\n%s", form, diff)
	}
	if _, err := c.PostForm(t.Context(), "https://127.0.0.2:"+server.port(), "Bearer b", "token=a"); !errors.Is(err, outbound.ErrAddress) {
		t.Errorf("an address that is not allowed: got %v", err)
	}
}
