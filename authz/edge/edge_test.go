package edge_test

import (
	"errors"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/edge"
)

func request(method string, namesAndValues ...string) *authz.Attributes {
	a := &authz.Attributes{Request: &authz.Request{Method: method}, Peer: authz.Peer{Address: "192.0.2.9"}}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		a.Request.Headers.List = append(a.Request.Headers.List, authz.Header{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return a
}

// TestSecure (M04, G42): what is proven counts, and nothing that a client can say.
func TestSecure(t *testing.T) {
	for _, test := range []struct {
		name, address string
		secure, admit bool
	}{
		{"proven HTTPS", "192.0.2.9", true, true},
		{"plain", "192.0.2.9", false, false},
		{"private network", "10.0.0.9", false, false},
		{"loopback", "127.0.0.1", false, true},
		{"all of 127/8", "127.8.9.10", false, true},
		{"loopback, IPv6", "::1", false, true},
		{"loopback, mapped", "::ffff:127.0.0.1", false, true},
		{"no address", "", false, false},
		{"a socket's path", "unix:/run/127.0.0.1", false, false},
		{"a name", "localhost", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := request("GET", "x-forwarded-proto", "https", "x-forwarded-for", "127.0.0.1")
			a.Request.Scheme, a.Request.Secure, a.Peer.Address = "https", test.secure, test.address
			compare(t, edge.Secure{}.Admit(a), test.admit)
			a.Request = nil
			compare(t, edge.Secure{}.Admit(a), test.admit && !test.secure)
		})
	}
}

func compare(t *testing.T, err error, admit bool) {
	t.Helper()
	if admit != (err == nil) || err != nil && !errors.Is(err, authz.ErrChannel) {
		t.Errorf("got %v, want admitted %t", err, admit)
	}
}

// TestOrigins (P28).
func TestOrigins(t *testing.T) {
	origins, err := edge.NewOrigins([]string{"https://dash.example", "http://localhost:3000", "https://[2001:db8::1]:8443"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name       string
		attributes *authz.Attributes
		admit      bool
	}{
		{"no page", request("POST"), true},
		{"listed", request("POST", "origin", "https://dash.example"), true},
		{"listed, with a port", request("DELETE", "origin", "http://localhost:3000"), true},
		{"listed, IPv6", request("PATCH", "origin", "https://[2001:db8::1]:8443"), true},
		{"not listed", request("POST", "origin", "https://evil.example"), false},
		{"another scheme", request("POST", "origin", "http://dash.example"), false},
		{"another port", request("POST", "origin", "https://dash.example:8443"), false},
		{"longer", request("POST", "origin", "https://dash.example.evil.example"), false},
		{"subdomain", request("POST", "origin", "https://x.dash.example"), false},
		{"another case", request("POST", "origin", "https://DASH.example"), false},
		{"null", request("POST", "origin", "null"), false},
		{"empty", request("POST", "origin", ""), false},
		{"twice", request("POST", "origin", "https://dash.example", "origin", "https://dash.example"), false},
		{"twice, joined", request("POST", "origin", "https://dash.example,https://evil.example"), false},
		{"safe method", request("GET", "origin", "https://evil.example"), true},
		{"safe method in another case", request("get", "origin", "https://evil.example"), false},
		{"WebSocket", request("GET", "origin", "https://evil.example", "upgrade", "websocket"), false},
		{"WebSocket of a listed page", request("GET", "origin", "https://dash.example", "upgrade", "websocket"), true},
		{"CONNECT", request("CONNECT", "origin", "https://evil.example"), false},
		{"no method", request("", "origin", "https://evil.example"), false},
		{"connection", &authz.Attributes{}, true},
	} {
		t.Run(test.name, func(t *testing.T) { compare(t, origins.Admit(test.attributes), test.admit) })
	}
}

func TestNewOriginsRefuses(t *testing.T) {
	for _, origin := range []string{
		"", "null", "*", "https://", "dash.example", "https://dash.example/", "https://dash.example/app", "https://DASH.example",
		"HTTPS://dash.example", "https://dash.example:443", "http://dash.example:80", "https://dash.example.", "https://u@dash.example",
		"https://dash.example?x", "https://dash.example#x", "ftp://dash.example", "https://*.example", "https://dash.example:", "https://dash.example:x",
	} {
		if _, err := edge.NewOrigins([]string{"https://ok.example", origin}); err == nil {
			t.Errorf("%q was taken", origin)
		}
	}
	if _, err := edge.NewOrigins(nil); err == nil {
		t.Error("no origin was taken")
	}
}

// TestReads: what a rule looks at, and nothing else, can turn it.
func TestReads(t *testing.T) {
	origins, err := edge.NewOrigins([]string{"https://dash.example"})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := edge.NewCSRF("x-csrf-token", "")
	if err != nil {
		t.Fatal(err)
	}
	submitted, err := edge.NewCSRF("x-csrf-token", "csrf")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		edge authz.Edge
		want authz.Reads
	}{
		{shown, authz.Reads{"method", "header:upgrade", "header:x-csrf-token"}},
		{submitted, authz.Reads{"method", "header:upgrade", "header:x-csrf-token", "cookie:csrf"}},
		{edge.Secure{}, authz.Reads{"protected"}},
		{origins, authz.Reads{"method", "header:origin", "header:upgrade"}},
	} {
		got := test.edge.Reads()
		if len(got) != len(test.want) {
			t.Errorf("%T reads %v, want %v", test.edge, got, test.want)
		}
		for _, field := range test.want {
			if !got.Has(field) {
				t.Errorf("%T does not declare %s", test.edge, field)
			}
		}
	}
}
