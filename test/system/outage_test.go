package system_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

// An issuer that is not there at the start leaves its callers without a verdict,
// which is 503 and neither 401 nor a way in, and nobody else. It is asked again
// by itself.
func TestIssuerAbsentAtStart(t *testing.T) {
	t.Parallel()
	i := provider(t)
	token := issue(t, i, issuer.Order{})
	if err := i.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := beginShop(t, i)
	for range 3 {
		got := w.ask(t, "raw", get(tokenHost, "/orders", bearer(token)))
		refused(t, got, 503, `{"code":"unavailable"}`)
		if got.header.Get("Retry-After") == "" {
			t.Error("a 503 without Retry-After")
		}
		for _, path := range []string{"/orders", "/key"} {
			passes(t, w.ask(t, "raw", get(tokenHost, path, key("example-reader"))))
		}
		refused(t, w.ask(t, "raw", get(tokenHost, "/orders", bearer("not.a.token"))), 401, `{"code":"rejected"}`)
	}
	told := keysTold(t, w)
	metrics, err := w.sallyport.Metrics(t.Context())
	must(t, err)
	if age := metrics[`sallyport_jwks_age_seconds{source="token"}`]; !math.IsInf(age, 1) || told.Count != 0 || !told.LastSuccess.IsZero() || told.Problem == "" {
		t.Errorf("operators see keys that are %vs old and %+v, want none, ever, and why", age, told)
	}
	if code, _, err := w.sallyport.Page(t.Context(), "/readyz"); code != 200 || err != nil {
		t.Errorf("ready: got %d, %v; others' credentials work", code, err)
	}
	if err := i.Return(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, before := w.shop(t, "/orders").until(t, token, 200, slack)
	onlyBefore(t, "before the issuer was found", before, 503)
}

// An issuer that goes away is trusted for max_age after its keys were last
// fetched, remembered verdicts included, and not for longer: then nobody can
// tell. Unknown keys are refused all the while that known ones are.
func testIssuerGone(t *testing.T) {
	t.Parallel()
	const refresh, age = time.Second, 4 * time.Second
	i := provider(t)
	w := beginShop(t, i, "refresh: 30s", "refresh: 1s", "max_age: 3600s", "max_age: 4s")
	s, fresh := w.shop(t, "/orders"), w.shop(t, "/fresh")
	token := issue(t, i, issuer.Order{})
	remembered(t, w, s, token)
	if err := i.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone := time.Now()
	computed := fresh.keep(t, 1, func() string { return token })
	unknown := s.keep(t, 1, func() string { return named(t, token, "nobody") })
	time.Sleep(age / 4)
	only(t, "unknown key while the issuer is away", unknown.end(), 401)
	end, before := s.until(t, token, 503, age+slack)
	onlyBefore(t, "remembered, within the keys' age", before, 200)
	t.Logf("known keys worked for %v", end.asked.Sub(gone))
	after := s.keep(t, 1, func() string { return token })
	time.Sleep(refresh)
	only(t, "beyond the keys' age", after.end(), 503)
	for _, a := range computed.end() {
		if a.status != 200 && a.status != 503 || a.status == 200 && a.asked.After(gone.Add(age)) {
			t.Errorf("computed: got %d %v after the issuer went", a.status, a.asked.Sub(gone))
		}
	}
	for _, a := range before {
		if a.asked.After(gone.Add(age)) {
			t.Errorf("remembered: got %d %v after the issuer went, beyond an age of %v", a.status, a.asked.Sub(gone), age)
		}
	}
	if err := i.Return(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.until(t, token, 200, slack)
}

// An issuer that answers with nonsense is no better than one that is away: what
// it says is never installed, and the last good keys stay.
func TestIssuerBroken(t *testing.T) {
	t.Parallel()
	const secret = `{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA","alg":"HS256"}`
	// Where OpenID Connect's and OAuth's metadata are: either will do.
	const metadata = "/.well-known/"
	i := provider(t)
	tests := []struct {
		name    string
		fault   issuer.Fault
		problem string
	}{
		{"status 500", issuer.Fault{Path: issuer.JWKS, Status: 500, Body: `{"keys":[]}`}, "refused status: 500"},
		{"no keys", issuer.Fault{Path: issuer.JWKS, Status: 200, Body: `{"keys":[]}`}, "no key is fit"},
		{"no set", issuer.Fault{Path: issuer.JWKS, Status: 200, Body: `{}`}, "no list of keys"},
		{"not JSON", issuer.Fault{Path: issuer.JWKS, Status: 200, Body: `<html>`}, "no JSON text"},
		{"keys that fit nothing", issuer.Fault{Path: issuer.JWKS, Status: 200, Body: `{"keys":[` + secret + `]}`}, "a shared secret among published keys"},
		{"never ends", issuer.Fault{Path: issuer.JWKS, Hang: true}, "no whole answer in time"},
		{"another issuer's metadata", issuer.Fault{Path: metadata, Status: 200, Body: `{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/jwks"}`}, "it names another issuer"},
		{"metadata without keys", issuer.Fault{Path: metadata, Status: 200, Body: `{"issuer":"` + i.URL() + `"}`}, "no jwks_uri"},
	}
	token := issue(t, i, issuer.Order{})
	w := beginShop(t, i, "refresh: 30s", "refresh: 1s", "outbound:", "outbound:\n    timeout: 0.500s")
	s := w.shop(t, "/fresh")
	s.until(t, token, 200, slack)
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if err := i.Fail(t.Context(), c.fault); err != nil {
				t.Fatal(err)
			}
			before := keysTold(t, w)
			flow := s.keep(t, 1, func() string { return token })
			after := w.untilKeys(t, func(k keysStatus) bool { return strings.Contains(k.Problem, c.problem) })
			if after.Failures <= before.Failures || after.Count != before.Count || !after.LastSuccess.Equal(before.LastSuccess) {
				t.Errorf("status told %+v and then %+v, want a failure more and the same keys", before, after)
			}
			only(t, "last good keys", flow.end(), 200)
		})
	}
	if err := i.Fail(t.Context(), issuer.Fault{}); err != nil {
		t.Fatal(err)
	}
	w.untilKeys(t, func(k keysStatus) bool { return k.Problem == "" })
}

// An issuer that is broken from the start gives nobody keys.
func TestIssuerBrokenAtStart(t *testing.T) {
	t.Parallel()
	i := provider(t)
	token := issue(t, i, issuer.Order{})
	if err := i.Fail(t.Context(), issuer.Fault{Path: issuer.JWKS, Status: 200, Body: `{"keys":[]}`}); err != nil {
		t.Fatal(err)
	}
	w := beginShop(t, i)
	refused(t, w.ask(t, "raw", get(tokenHost, "/orders", bearer(token))), 503, `{"code":"unavailable"}`)
	passes(t, w.ask(t, "raw", get(tokenHost, "/orders", key("example-reader"))))
	if err := i.Fail(t.Context(), issuer.Fault{}); err != nil {
		t.Fatal(err)
	}
	w.shop(t, "/orders").until(t, token, 200, slack)
}
