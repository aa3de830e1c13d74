package system_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

// introspected is a world that asks the issuer about opaque tokens.
const (
	introspected = "testdata/introspection"
	answersAge   = 3 * time.Second
)

func beginIntrospection(t *testing.T, i *issuer.Issuer, pairs ...string) *world {
	t.Helper()
	everywhere := []string{nobodysIssuer, i.URL(), nobodysIssuer, i.URL(), nobodysIssuer, i.URL()}
	config := configure(t, introspected, append(everywhere, pairs...)...)
	must(t, os.WriteFile(filepath.Join(filepath.Dir(config), "client.secret"), []byte("secret-of-"+issuer.ResourceServer), 0o600))
	return beginOn(t, config, wireEnvoy)
}

func asked(t *testing.T, i *issuer.Issuer) int {
	t.Helper()
	times, err := i.Fetches(t.Context(), issuer.Introspection)
	must(t, err)
	return len(times)
}

// opaque orders a token that only its issuer can read.
func opaque(t *testing.T, i *issuer.Issuer, scopes ...string) string {
	t.Helper()
	return issue(t, i, issuer.Order{Opaque: true, Scopes: append(scopes, "read")})
}

// TestIntrospection: who has a token of a real issuer is who the issuer says, for as
// long as it says so.
func TestIntrospection(t *testing.T) {
	t.Parallel()
	t.Run("H08", func(t *testing.T) {
		i := provider(t)
		w := beginIntrospection(t, i)
		t.Run("accepted", func(t *testing.T) { testIntrospected(t, w, i) })
		t.Run("refused", func(t *testing.T) { testNotIntrospected(t, w, i) })
		t.Run("asked once", func(t *testing.T) { testAskedOnce(t, w, i) })
		t.Run("revoked", func(t *testing.T) { testRevokedAtIssuer(t, w, i) })
		t.Run("T-C22", func(t *testing.T) { testBadAnswers(t, w, i) })
		t.Run("issuer gone", func(t *testing.T) { testIntrospectorGone(t, w, i) })
		t.Run("another issuer", testAnotherIssuer)
	})
}

func testIntrospected(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	token := opaque(t, i, "write")
	for _, listener := range asking() {
		got := w.ask(t, listener, get(tokenHost, "/orders", bearer(token)))
		passes(t, got)
		onlyIdentity(t, got, map[string]string{
			"x-authz-kind": "opaque", "x-authz-subject": "acme", "x-authz-tenant": "acme", "x-authz-role": "service", "x-authz-scopes": "write read",
		})
	}
	passes(t, w.ask(t, "raw", post(tokenHost, "/orders", bearer(token))))
	refused(t, w.ask(t, "raw", post(tokenHost, "/orders", bearer(opaque(t, i)))), 403, `{"code":"scope"}`)

	before := asked(t, i)
	passes(t, w.ask(t, "raw", get(tokenHost, "/orders", bearer(issue(t, i, issuer.Order{})))))
	if got := asked(t, i); got != before {
		t.Error("the issuer was asked about a JWT, whose keys are known")
	}
}

func testNotIntrospected(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	person, err := i.Login(t.Context(), "alice", shopAudience)
	must(t, err)
	token := opaque(t, i)
	for name, bad := range map[string]string{
		"made up":           "made-up-token",
		"cut short":         token[:len(token)-1],
		"in another case":   strings.ToUpper(token),
		"for another":       issue(t, i, issuer.Order{Opaque: true, Audience: "https://other.test/api"}),
		"refresh token":     person.Refresh,
		"another's opaque":  opaque(t, provider(t)),
		"a path, to nobody": "../../../token",
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				refused(t, w.ask(t, "raw", get(tokenHost, "/orders", bearer(bad))), 401, `{"code":"rejected"}`)
			}
		})
	}
	before := asked(t, i)
	for name, headers := range map[string][]field{
		"a quote":   {bearer(`a"b`)},
		"too long":  {bearer(strings.Repeat("a", 8<<10+1))},
		"no scheme": {{"authorization", token}},
	} {
		if got := w.ask(t, "raw", get(tokenHost, "/orders", headers...)); got.status != 401 || got.seen != nil {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	if got := asked(t, i); got != before {
		t.Errorf("the issuer was asked %d times about what is no token", got-before)
	}
}

// testAskedOnce: one question serves all routes and all who ask at once.
func testAskedOnce(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	must(t, i.Fail(t.Context(), issuer.Fault{Path: issuer.Introspection, Delay: 100 * time.Millisecond}))
	token, before := opaque(t, i), asked(t, i)
	var group sync.WaitGroup
	for range 4 {
		for _, path := range []string{"/orders", "/other", "/fresh"} {
			group.Go(func() { passes(t, w.ask(t, "raw", get(tokenHost, path, bearer(token)))) })
		}
	}
	group.Wait()
	must(t, i.Fail(t.Context(), issuer.Fault{}))
	if got := asked(t, i) - before; got != 1 {
		t.Errorf("one token was asked about %d times", got)
	}
}

// testRevokedAtIssuer: who is revoked is out when the answer is too old. The guard is
// the Until of the Basis, and the age of what the desk remembers.
func testRevokedAtIssuer(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	token := opaque(t, i)
	hits, misses := w.shop(t, "/orders"), w.shop(t, "/fresh")
	hits.until(t, token, 200, slack)
	revoked := time.Now()
	must(t, i.Revoke(t.Context(), "acme", token))
	refusal, before := hits.until(t, token, 401, answersAge+slack)
	onlyBefore(t, "revoked, and remembered", before, 200)
	for _, a := range before {
		if a.asked.After(revoked.Add(answersAge)) {
			t.Errorf("let in %v after it was revoked, beyond an age of %v", a.asked.Sub(revoked), answersAge)
		}
	}
	t.Logf("revoked for %v when the token was refused", refusal.asked.Sub(revoked))
	only(t, "revoked, on another route", []answer{misses.send(t.Context(), token)}, 401)
}

// testBadAnswers: whatever the issuer says that is no answer, nobody can tell, and
// nothing of it stays.
func testBadAnswers(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	for name, fault := range map[string]issuer.Fault{
		"status 500":    {Status: 500, Body: `{"active":true}`},
		"status 401":    {Status: 401, Body: `{"active":true}`},
		"redirect":      {Status: 307, Body: `{"active":true}`},
		"no active":     {Status: 200, Body: `{"client_id":"acme"}`},
		"active a text": {Status: 200, Body: `{"active":"true","client_id":"acme"}`},
		"not JSON":      {Status: 200, Body: `<html>`},
		"nothing":       {Status: 200},
		"1 MB":          {Status: 200, Body: `{"active":true,"x":"` + strings.Repeat("x", 1<<20) + `"}`},
		"never":         {Hang: true},
	} {
		fault.Path = issuer.Introspection
		token := opaque(t, i)
		must(t, i.Fail(t.Context(), fault))
		got := w.ask(t, "raw", get(tokenHost, "/orders", bearer(token)))
		must(t, i.Fail(t.Context(), issuer.Fault{}))
		t.Run(name, func(t *testing.T) {
			refused(t, got, 503, `{"code":"unavailable"}`)
			_, before := w.shop(t, "/orders").until(t, token, 200, slack)
			onlyBefore(t, "while the question hangs", before, 503)
		})
	}
}

// testIntrospectorGone: without the issuer nobody can tell, and whoever is known by
// keys is let in.
func testIntrospectorGone(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	token, signed := opaque(t, i), issue(t, i, issuer.Order{})
	passes(t, w.ask(t, "raw", get(tokenHost, "/orders", bearer(signed))))
	must(t, i.Leave(t.Context()))
	for range 2 {
		got := w.ask(t, "raw", get(tokenHost, "/orders", bearer(token)))
		refused(t, got, 503, `{"code":"unavailable"}`)
		passes(t, w.ask(t, "raw", get(tokenHost, "/other", bearer(signed))))
	}
	must(t, i.Return(t.Context()))
	_, before := w.shop(t, "/orders").until(t, token, 200, slack)
	onlyBefore(t, "before the issuer was back", before, 503)
}

// testAnotherIssuer: an answer in another issuer's name is nobody's.
func testAnotherIssuer(t *testing.T) {
	i := provider(t)
	w := beginIntrospection(t, i, "issuer: "+i.URL(), "issuer: http://other.test")
	refused(t, w.ask(t, "raw", get(tokenHost, "/orders", bearer(opaque(t, i)))), 401, `{"code":"rejected"}`)
}
