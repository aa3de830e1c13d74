package system_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// askAs sends a call over HTTP/1.1 to a listener with the PROXY protocol, from an
// address that this machine need not have.
func (w *world) askAs(t *testing.T, client, listener string, c call) reply {
	t.Helper()
	sent.note(c)
	conn := dial(t, w.envoy.Address(listener))
	if _, err := fmt.Fprintf(conn, "PROXY TCP4 %s 192.0.2.1 40000 443\r\n", client); err != nil {
		t.Fatal(err)
	}
	return roundTripHTTP1(t, conn, c)
}

// TestEdges: by which way a credential may come, as Envoy tells of it.
func TestEdges(t *testing.T) {
	w := beginStore(t, "testdata/edges")
	const far = "10.0.0.9"
	refusal := func(t *testing.T, got reply) {
		t.Helper()
		refused(t, got, 403, `{"code":"insecure_transport"}`)
	}
	w.done(t, "s3cret\n", "principal", "put", "administrator", "admin", "--password-stdin", "--scope", "read")
	right, wrong := basicAuth("admin", "s3cret"), basicAuth("admin", "bad")
	t.Run("M04", func(t *testing.T) {
		forwarded := []field{{"x-forwarded-proto", "https"}, {"x-forwarded-for", "127.0.0.1"}}
		for range 21 { // more than an account's wrong passwords may be
			refusal(t, w.askAs(t, far, "far", get(host, "/key", append(forwarded, wrong)...)))
		}
		refusal(t, w.askAs(t, far, "far", get(host, "/key", append(forwarded, right)...)))
		for _, ask := range []func() reply{
			func() reply { return w.ask(t, "raw", get(host, "/key", right)) },
			func() reply { return w.askAs(t, "127.0.0.1", "far", get(host, "/key", right)) },
			func() reply { return w.askAs(t, far, "far_https", get(host, "/key", right)) },
		} {
			passes(t, eventually(ask))
		}
		refusal(t, w.askAs(t, far, "far", get(host, "/key", right)))
	})
	t.Run("G42", func(t *testing.T) {
		ann := key("ann-key")
		got := w.askAs(t, far, "far", get(host, "/key", ann))
		refusal(t, got)
		if r := w.recordOf(t, got); !slices.Equal(r.Flags, []string{"credential_over_plaintext"}) || r.Reason != "insecure_transport" {
			t.Errorf("got record %+v", r)
		}
		got = w.askAs(t, far, "far_https", get(host, "/key", ann))
		passes(t, got)
		if r := w.recordOf(t, got); len(r.Flags) > 0 {
			t.Errorf("got flags %v", r.Flags)
		}
		refusal(t, w.askAs(t, far, "far", get(host, "/key", ann)))
	})
	t.Run("M27", func(t *testing.T) {
		got := w.ask(t, "raw", get(host, "/key?api_key=ann-key"))
		refused(t, got, 401, `{"code":"unauthenticated"}`)
		if r := w.recordOf(t, got); !slices.Equal(r.Flags, []string{"credential_in_query"}) {
			t.Errorf("got flags %v", r.Flags)
		}
	})
	t.Run("G43", w.testNetworks)
	t.Run("limit", w.testAnonymousLimit)
	t.Run("T-C1", w.testGuesses)
	t.Run("origins", func(t *testing.T) {
		dash, good, evil := field{"x-dashboard", "ann-key"}, field{"origin", "https://dash.example"}, field{"origin", "https://evil.example"}
		for range 2 { // the second time remembered
			passes(t, w.ask(t, "raw", post(host, "/key", dash)))
			passes(t, w.ask(t, "raw", post(host, "/key", dash, good)))
			passes(t, w.ask(t, "raw", get(host, "/key", dash, evil)))
			refusal(t, w.ask(t, "raw", post(host, "/key", dash, evil)))
			refusal(t, w.ask(t, "raw", post(host, "/key", dash, good, evil)))
			refusal(t, w.ask(t, "raw", get(host, "/key", dash, evil, field{"connection", "upgrade"}, field{"upgrade", "websocket"})))
		}
	})
	t.Run("csrf", func(t *testing.T) { testForgedRequests(t, w.world) })
}

// testForgedRequests: a request that may change something shows what another site's page
// cannot make a browser send. It is asked anew for what is remembered.
func testForgedRequests(t *testing.T, w *world) {
	t.Helper()
	page, token := field{"x-page", "ann-key"}, field{"x-csrf-token", "k2Jd8sQ0zYvXw3Lm"}
	cookie := field{"cookie", "theme=dark; __Host-csrf=" + token.value}
	for range 2 {
		passes(t, w.ask(t, "raw", get(host, "/key", page)))
		for _, listener := range []string{"raw", "joined"} {
			got := w.ask(t, listener, post(host, "/key", page, token, cookie))
			passes(t, got)
			if got.upstream("x-csrf-token") != token.value {
				t.Error("the upstream cannot compare the token itself")
			}
		}
		for name, headers := range map[string][]field{
			"neither":    nil,
			"no header":  {cookie},
			"no cookie":  {token},
			"another":    {field{"x-csrf-token", "K2Jd8sQ0zYvXw3Lm"}, cookie},
			"twice":      {token, token, cookie},
			"underscore": {field{"x_csrf_token", token.value}, cookie},
		} {
			t.Run(name, func(t *testing.T) {
				refused(t, w.ask(t, "raw", post(host, "/key", append(headers, page)...)), 403, `{"code":"csrf"}`)
			})
		}
		refused(t, w.ask(t, "raw", get(host, "/key", page, field{"connection", "upgrade"}, field{"upgrade", "websocket"})), 403, `{"code":"csrf"}`)
	}
	got := w.ask(t, "raw", post(host, "/key", page))
	if r := w.recordOf(t, got); r.Reason != "insecure_transport" || len(r.Flags) > 0 {
		t.Errorf("got record %+v", r)
	}
}

// testNetworks: where a credential may come from is asked every time, of what the
// operator's proxies say. The second round is remembered.
func (w storeWorld) testNetworks(t *testing.T) {
	const inside, outside = "203.0.113.9", "198.51.100.7"
	office, bound, free := field{"x-office", "ann-key"}, field{"x-partner", "ann-key"}, field{"x-partner", "bob-key"}
	forged := []field{{"x-forwarded-for", inside}, {"x-real-ip", inside}, {"forwarded", "for=" + inside}, {"x-envoy-external-address", inside}}
	from := func(client string, headers ...field) reply {
		return w.askAs(t, client, "far", get(host, "/key", headers...))
	}
	// behind is asked by way of a proxy that has added these to x-forwarded-for.
	behind := func(forwarded string, headers ...field) reply {
		return w.ask(t, "socket", get(host, "/key", append(headers, field{"x-forwarded-for", forwarded})...))
	}
	const refusal = `{"code":"insecure_transport"}`
	for range 2 {
		for _, listed := range []field{office, bound} {
			passes(t, from(inside, listed))
			refused(t, from(outside, listed), 403, refusal)
			refused(t, from(outside, append(forged, listed)...), 403, refusal)
			passes(t, behind(inside, listed))
			passes(t, behind(outside+", "+inside, listed))
			refused(t, behind(inside+", "+outside, listed), 403, refusal)
			refused(t, behind("unknown", listed), 403, refusal)
			refused(t, w.ask(t, "socket", get(host, "/key", listed)), 403, refusal)
		}
		passes(t, from("203.0.113.200", office))
		refused(t, from("203.0.113.200", bound), 403, refusal)
		passes(t, from(outside, free))
		// Nobody looks at a key from outside the authenticator's networks. Who does not
		// hold a listed key is not told that there is a list.
		refused(t, from(outside, field{"x-office", "bad-key"}), 403, refusal)
		refused(t, from(outside, field{"x-partner", "bad-key"}), 401, `{"code":"rejected"}`)
	}
	got := from(outside, bound)
	if r := w.recordOf(t, got); r.Reason != "insecure_transport" || !strings.Contains(r.Cause, outside) {
		t.Errorf("got record %+v", r)
	}
	w.testStoredNetworks(t)
}

// testStoredNetworks: a token and a machine user have lists of their own, an owner's
// bounds their tokens, and a change of it acts before its command returns.
func (w storeWorld) testStoredNetworks(t *testing.T) {
	t.Helper()
	const inside, outside, elsewhere = "203.0.113.9", "198.51.100.7", "192.0.2.77"
	ask := func(client string, credential field) reply {
		return eventually(func() reply { return w.askAs(t, client, "far_https", get(host, "/key", credential)) })
	}
	pass := func(credential field, from ...string) {
		t.Helper()
		for range 2 {
			for _, client := range []string{inside, outside, elsewhere} {
				if slices.Contains(from, client) {
					passes(t, ask(client, credential))
				} else {
					refused(t, ask(client, credential), 403, `{"code":"insecure_transport"}`)
				}
			}
		}
	}
	w.done(t, "", "machine", "put", "backend")
	owner := ""
	for _, principal := range w.principals(t) {
		if principal.Name == "backend" {
			owner = principal.ID
		}
	}
	mint := func(more ...string) field {
		t.Helper()
		return bearer(w.done(t, "", append([]string{"token", "mint", "--prefix", "mu_", "--subject", "backend", "--owner", owner, "--scope", "read"}, more...)...))
	}
	listed, free := mint("--network", "203.0.113.0/24", "--network", elsewhere), mint()
	pass(listed, inside, elsewhere)
	pass(free, inside, outside, elsewhere)
	w.done(t, "", "machine", "put", "backend", "--network", "203.0.113.0/24", "--network", "198.51.100.0/24")
	pass(listed, inside)
	pass(free, inside, outside)
	w.done(t, "", "machine", "put", "backend", "--network=")
	pass(listed, inside, elsewhere)

	w.done(t, "pw1\n", "machine", "put", "svc1", "--password-stdin", "--scope", "read", "--network", inside)
	pass(basicAuth("svc1", "pw1"), inside)
	w.done(t, "", "machine", "put", "svc1", "--network", outside)
	pass(basicAuth("svc1", "pw1"), outside)
	if out, err := w.admin(t, "", "machine", "put", "svc1", "--network", "203.0.113.9/24"); err == nil {
		t.Errorf("a network with bits behind its length was taken: %s", out)
	}
}

// testGuesses: wrong passwords of one client are held back, under whatever names and
// whatever addresses it puts in front of its own; its tokens and remembered passwords
// pass meanwhile, and so do guesses of others behind the same proxy. How long others
// wait is the torture case passwords. Guards: Verifier.admit; the client's address in
// search.authenticate.
func (w storeWorld) testGuesses(t *testing.T) {
	const guesser, other = "198.51.100.66", "198.51.100.67"
	ask := func(forwarded string, credential field) reply {
		return w.ask(t, "socket", get(host, "/key", credential, field{"x-forwarded-for", forwarded}))
	}
	right := basicAuth("admin", "s3cret")
	passes(t, eventually(func() reply { return ask(guesser, right) }))
	guesses := func(client string, n int) (seen map[int]int) {
		statuses := make(chan int, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				statuses <- ask(fmt.Sprintf("192.0.2.%d, %s", i, client), basicAuth(fmt.Sprint("guest", i), "guess")).status
			})
		}
		all.Wait()
		close(statuses)
		seen = map[int]int{}
		for status := range statuses {
			seen[status]++
		}
		return seen
	}
	if seen := guesses(guesser, 60); seen[429] == 0 || seen[401]+seen[429]+seen[503] != 60 {
		t.Errorf("got %v, want some 429 and no other answers than 401 and 503", seen)
	}
	passes(t, ask(guesser, right))
	passes(t, ask(guesser, field{"x-partner", "bob-key"}))
	// They may have to wait for the hashes that the guesser began, and are not held back.
	if seen := guesses(other, 12); seen[401]+seen[503] != 12 {
		t.Errorf("another client's guesses: got %v, want 401 or 503", seen)
	}
}

// testAnonymousLimit: each address may call so often without a credential, whatever it
// says of itself, and a remembered answer counts too.
func (w storeWorld) testAnonymousLimit(t *testing.T) {
	open := func(client string, headers ...field) reply {
		return w.askAs(t, client, "far", get(host, "/open", headers...))
	}
	for range 3 {
		passes(t, open("198.51.100.7"))
	}
	for range 2 {
		got := open("198.51.100.7", field{"x-forwarded-for", "192.0.2.44"})
		refused(t, got, 429, `{"code":"throttled"}`)
		if got.header.Get("Retry-After") == "" {
			t.Errorf("got headers %v, want Retry-After", got.header)
		}
	}
	passes(t, open("198.51.100.8"))
}

func (w *world) recordOf(t *testing.T, r reply) mesh.Record {
	t.Helper()
	record, err := w.sallyport.Record(t.Context(), r.header.Get("X-Request-Id"))
	if err != nil {
		t.Fatal(err)
	}
	return record
}
