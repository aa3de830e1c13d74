package outbound_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// TestAskAsAnswers: a status is told, and of a 200 what it carries, if it is whole JSON.
// Nothing that was sent or answered shows in an error, and no redirect is followed.
func TestAskAsAnswers(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer http.HandlerFunc
		status int
		body   string
		want   error
	}{
		{"JSON", answer(200, "application/json; charset=utf-8", "{}"), 200, "{}", nil},
		{"unauthorized", answer(401, "application/json", canary), 401, "", nil},
		{"forbidden, in HTML", answer(403, "text/html", canary), 403, "", nil},
		{"a fault", answer(500, "application/json", "{}"), 500, "", nil},
		{"created", answer(201, "application/json", canary), 201, "", nil},
		{"redirect", answer(302, "application/json", canary), 302, "", nil},
		{"redirect that keeps the method", answer(307, "application/json", canary), 307, "", nil},
		{"HTML", answer(200, "text/html", canary), 0, "", outbound.ErrMedia},
		{"too large", answer(200, "application/json", strings.Repeat(canary, 1<<10)), 0, "", outbound.ErrTooLarge},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := newTrap(t, "127.0.0.1:0", row.answer)
			server.StartTLS()
			status, body, err := client(t, open(t, server)).AskAs(t.Context(), "GET", "https://example.com:"+server.port()+"/"+canary, "sid="+canary)
			if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) || status != row.status || string(body) != row.body {
				t.Errorf("got %d %q, %v, want %d %q, %v", status, body, err, row.status, row.body, row.want)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("%q shows what was sent or answered", err)
			}
			if got := server.connections.Load(); got != 1 {
				t.Errorf("%d connections, want one", got)
			}
		})
	}
}

// TestAskAsSent: what is sent is the cookie, and a cookie that is answered is not sent
// back. No place but the URL's is asked.
func TestAskAsSent(t *testing.T) {
	var got []http.Header
	server := newTrap(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		got = append(got, http.Header{"Method": {r.Method}, "Path": {r.URL.String()}}, r.Header.Clone())
		w.Header().Set("Set-Cookie", "sid=another; Path=/")
		answer(200, "application/json", "{}")(w, r)
	})
	server.StartTLS()
	c := client(t, open(t, server))
	var want []http.Header
	for _, method := range []string{"GET", "POST"} {
		if _, _, err := c.AskAs(t.Context(), method, "https://example.com:"+server.port()+"/whoami?x=1", `sid="a.b"`); err != nil {
			t.Fatal(err)
		}
		sent := http.Header{"Accept": {"application/json"}, "Cookie": {`sid="a.b"`}, "User-Agent": {"sallyport"}}
		if method == "POST" {
			sent["Content-Length"] = []string{"0"}
		}
		want = append(want, http.Header{"Method": {method}, "Path": {"/whoami?x=1"}}, sent)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("sent (-got +want):\n%s", diff)
	}
	if _, _, err := c.AskAs(t.Context(), "GET", "https://127.0.0.2:"+server.port(), "sid=a"); !errors.Is(err, outbound.ErrAddress) {
		t.Errorf("an address that is not allowed: got %v", err)
	}
}
