package system_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

// sources is a world that has one issuer's keys from three places.
type sources struct {
	*world
	issuer *issuer.Issuer
	file   string
}

func beginSources(t *testing.T) sources {
	t.Helper()
	i := provider(t)
	p := sources{issuer: i, file: filepath.Join(short(t), "jwks.json")}
	p.write(t, published(t, i))
	pairs := slices.Repeat([]string{nobodysIssuer, i.URL()}, 4)
	p.world = beginWith(t, jwks, wireEnvoy, append(pairs, "/nobody/jwks.json", p.file)...)
	return p
}

// published is the key set that the issuer serves, as an operator exports it.
func published(t *testing.T, i *issuer.Issuer) string {
	t.Helper()
	response, err := http.Get(i.URL() + issuer.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write puts a key file into place at once.
func (p sources) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(p.file+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(p.file+".new", p.file); err != nil {
		t.Fatal(err)
	}
}

// sourcesStatus is what operators see of keys and of changed files.
type sourcesStatus struct {
	Red    []string
	Reload struct{ Result string }
	Keys   []keysStatus
}

// told waits until /status says so.
func (p sources) told(t *testing.T, so func(sourcesStatus) bool) {
	t.Helper()
	var status sourcesStatus
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		status = sourcesStatus{}
		if err := p.sallyport.Status(t.Context(), &status); err != nil {
			t.Fatal(err)
		}
		if so(status) {
			return
		}
	}
	t.Fatalf("status still tells %+v", status)
}

func TestKeySources(t *testing.T) {
	t.Parallel()
	p := beginSources(t)
	token := issue(t, p.issuer, issuer.Order{})
	strange := named(t, token, "nobody")
	for _, host := range []string{"found.test", "named.test", "filed.test"} {
		passes(t, p.ask(t, "raw", get(host, "/orders", bearer(token))))
		refused(t, p.ask(t, "raw", get(host, "/orders", bearer(strange))), 401, `{"code":"rejected"}`)
	}
	// named takes ES256 alone, though the issuer has a key for RS256 too.
	rsa := bearer(issue(t, p.issuer, issuer.Order{Algorithm: "RS256"}))
	passes(t, p.ask(t, "raw", get("found.test", "/orders", rsa)))
	refused(t, p.ask(t, "raw", get("named.test", "/orders", rsa)), 401, `{"code":"rejected"}`)
	t.Run("operators see", func(t *testing.T) { testKeysSeen(t, p) })
	t.Run("file", func(t *testing.T) { testKeyFile(t, p, token) })
	t.Run("appears", func(t *testing.T) { testKeyAppears(t, p) })
}

// An operator sees which keys are fetched, how old they are, and that fetching
// fails while nobody is refused yet.
func testKeysSeen(t *testing.T, p sources) {
	t.Helper()
	metrics := func() map[string]float64 {
		all, err := p.sallyport.Metrics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := metrics()
	for _, source := range []string{"found", "named"} {
		label := `{source="` + source + `"}`
		count, age := before["sallyport_jwks_keys"+label], before["sallyport_jwks_age_seconds"+label]
		fetches, failures := before["sallyport_jwks_fetches_total"+label], before["sallyport_jwks_failures_total"+label]
		if count != 2 || age <= 0 || age > 60 || fetches < 1 || failures != 0 {
			t.Errorf("%s: %v keys, %vs old, %v fetches, %v failures; want 2 fresh ones", source, count, age, fetches, failures)
		}
	}
	if _, there := before[`sallyport_jwks_keys{source="filed"}`]; there {
		t.Error("keys of a file are told of as if they were fetched")
	}
	must(t, p.issuer.Fail(t.Context(), issuer.Fault{Path: issuer.JWKS, Status: 500}))
	red := func(s sourcesStatus) bool {
		return slices.ContainsFunc(s.Red, func(line string) bool { return strings.HasPrefix(line, "keys of found cannot be fetched") })
	}
	p.told(t, red)
	first := metrics()
	p.told(t, func(s sourcesStatus) bool {
		return s.Keys[0].Failures > first[`sallyport_jwks_failures_total{source="found"}`]
	})
	if a, b := first[`sallyport_jwks_age_seconds{source="found"}`], metrics()[`sallyport_jwks_age_seconds{source="found"}`]; a >= b {
		t.Errorf("the keys are %vs old, and %vs at the next failure", a, b)
	}
	must(t, p.issuer.Fail(t.Context(), issuer.Fault{}))
	p.told(t, func(s sourcesStatus) bool { return len(s.Red) == 0 && s.Keys[0].Problem == "" })
}

// A key file that is replaced counts at once, verdicts under its old keys and
// denials for its new ones included; one that is broken changes nothing.
func testKeyFile(t *testing.T, p sources, old string) {
	t.Helper()
	s := p.at(t, "filed.test", "/orders")
	remembered(t, p.world, s, old)
	if _, err := p.issuer.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh := issue(t, p.issuer, issuer.Order{})
	s.hit(t, p.world, fresh, 401)
	p.write(t, `{"keys":[]}`)
	p.told(t, func(s sourcesStatus) bool { return s.Reload.Result == "refused" })
	only(t, "old key, broken file", []answer{s.send(t.Context(), old)}, 200)
	if _, err := p.issuer.Retire(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.write(t, published(t, p.issuer))
	_, before := s.until(t, fresh, 200, 10*time.Second)
	onlyBefore(t, "new key, old file", before, 401)
	only(t, "old key, new file", []answer{s.send(t.Context(), old)}, 401)
	remembered(t, p.world, s, fresh)
}

// A denial for a key that nobody has is remembered, for half a minute here, and
// over when the key appears. The issuer's cache, say, is late.
func testKeyAppears(t *testing.T, p sources) {
	t.Helper()
	s := p.at(t, "named.test", "/orders")
	late := issuer.Fault{Path: issuer.JWKS, Status: 200, Body: published(t, p.issuer)}
	if _, err := p.issuer.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(t, p.issuer.Fail(t.Context(), late))
	fresh := issue(t, p.issuer, issuer.Order{})
	s.hit(t, p.world, fresh, 401)
	must(t, p.issuer.Fail(t.Context(), issuer.Fault{}))
	_, before := s.until(t, fresh, 200, leastInterval+slack)
	onlyBefore(t, "before the next fetch", before, 401)
}
