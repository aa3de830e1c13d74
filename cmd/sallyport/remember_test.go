package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// remembered is a configuration in which credentials meet in every way that
// this release knows: two headers, one of which a route may not accept, and a host.
const remembered = `
mode: development
server: {listeners: [{address: 127.0.0.1:0}]}
scopes: [read, write]
authenticators:
  - name: key
    transport: secure
    origins: [https://good.example]
    apikey:
      keys:
        - {id: ann, sha256: 21fdbeecb49c56644f6cc4444328f5da14132c8a38fd86aad19b4da9e521a79c, tenant: a, scopes: [read]}
        - {id: bob, sha256: 9b94dc1a51a38769f135edf04033ad7f2f487b6c25929be7a861cfc1ab10cf98, tenant: b, scopes: [read, write]}
  - name: bearer
    apikey:
      header: authorization
      keys: [{id: cis, sha256: 21fdbeecb49c56644f6cc4444328f5da14132c8a38fd86aad19b4da9e521a79c, tenant: a, scopes: [read]}]
  - name: shop
    host: {scopes: [read], tenants: [{tenant: a, domains: [{name: a.example, verified: true}]}]}
hosts:
  - name: all
    match: ["*"]
    unclaimed: ignore
    routes:
      - {methods: [GET], path: "/x/{id}", accept: [[key], [shop]], scopes: [read], unaccepted: {headers: refuse}}
      - {methods: [POST], path: "/x/{id}", accept: [[key, bearer]], scopes: [write]}
      - {methods: [GET], path: "/t/{org}", accept: [key], tenant: "path:org"}
      - {methods: [GET], path: "/q", accept: [key, bearer], tenant: "query:org"}
policies: {paths: [rules], timeout: 30s}
`

func ruled(t *testing.T, rule string) *plan {
	t.Helper()
	return ruledIn(t, filepath.Dir(write(t, remembered)), rule)
}

// ruledIn compiles the configuration of a folder with one rule of an operator's.
func ruledIn(t *testing.T, dir, rule string) *plan {
	t.Helper()
	rules := filepath.Join(dir, "rules")
	if err := os.MkdirAll(rules, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(rules, "custom.rego"), []byte(onekey.Module(rule)), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := load(t.Context(), filepath.Join(dir, "sallyport.yaml"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestOneKeyOneVerdict is T-V1 on what the program makes of a configuration:
// whatever is remembered is what would be computed, for rules on every part of
// the input. The harness is test/onekey, which shows that it finds defects.
func TestOneKeyOneVerdict(t *testing.T) {
	for i, rule := range onekey.Rules() {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			shelves, err := newShelves(16<<20, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(shelves.close)
			pair, err := onekey.NewPair(ruled(t, rule).snapshot, shelves, &authz.Changes{})
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(uint64(i), 4))
			for range 1000 {
				if err := pair.Ask(t.Context(), onekey.Draw(r)); err != nil {
					t.Fatal(err)
				}
				shelves.allows.Wait() // a busy machine would leave every write waiting
			}
			if pair.Hits == 0 {
				t.Error("nothing was ever remembered: the test shows nothing")
			}
		})
	}
}

// TestVolatilePolicyIsNotRemembered: a clock gives two answers to one key.
func TestVolatilePolicyIsNotRemembered(t *testing.T) {
	for _, rule := range []string{
		`time.now_ns() < 0`, `rand.intn("x", 2) > 2`, `uuid.rfc4122("k") == ""`,
		`io.jwt.decode_verify(input.request.path, {"secret": "s"})[0]`,
	} {
		t.Run(rule, func(t *testing.T) {
			p := ruled(t, rule)
			if len(p.summary.forgotten()) != p.summary.operations || len(p.warnings) != 1 || !strings.Contains(p.warnings[0].String(), "custom.rego:4") {
				t.Errorf("got %+v and warnings %v, want nothing remembered and one warning with the place", p.summary, p.warnings)
			}
		})
	}
	if p := ruled(t, `time.parse_rfc3339_ns("2026-01-01T00:00:00Z") < 0`); len(p.summary.forgotten()) != 0 {
		t.Errorf("a rule without a clock is not remembered: %v", p.warnings)
	}
}

// TestCacheIsOff by one switch, and route by route.
func TestCacheIsOff(t *testing.T) {
	off, err := load(t.Context(), write(t, strings.Replace(sound, "decision_log:", "cache: {off: true}\ndecision_log:", 1)), time.Now)
	if err != nil || off.cacheBytes != 0 {
		t.Errorf("off: got %v, %v", off, err)
	}
	one, err := load(t.Context(), write(t, strings.Replace(sound, "        path: /health\n", "        path: /health\n        cache: off\n", 1)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"/health": false, "/v1/orders/7": true} {
		match, err := one.snapshot.Router.Match(&authz.Attributes{Request: &authz.Request{Method: "GET", Host: "api.example.com", Path: path}})
		if err != nil || (match.Route.Plan != nil) != want {
			t.Errorf("%s: remembered %v, %v; want %v", path, match.Route.Plan != nil, err, want)
		}
	}
}

// TestRefusedCannotPushOut is T-V7: whoever is refused, with as many keys as they
// like, takes no room from those who are allowed.
func TestRefusedCannotPushOut(t *testing.T) {
	shelves, err := newShelves(smallestCache, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 64, Timeout: time.Minute, Margin: time.Millisecond}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Remembering(shelves, &authz.Changes{}); err != nil {
		t.Fatal(err)
	}
	a.Swap(ruled(t, `input.tenant == "nobody's"`).snapshot)
	ask := func(key, address string) authz.Verdict {
		q := &authz.Request{Method: "GET", Secure: true, Host: "b.example", Path: "/x/1"}
		q.Headers.List = []authz.Header{{Name: "x-api-key", Value: key}}
		return a.Check(t.Context(), &authz.Attributes{Request: q, Peer: authz.Peer{Address: address}})
	}
	const hot, hostile = 200, 20_000
	for i := range hot {
		if v := ask(onekey.AnnKey, strconv.Itoa(i)); v.Effect != authz.Allow {
			t.Fatal(v.Trail.Cause)
		}
	}
	shelves.allows.Wait()
	for i := range hostile {
		ask("bad-key-"+strconv.Itoa(i), "10.0.0.1")
	}
	shelves.denials.Wait()
	kept := 0
	for i := range hot {
		if ask(onekey.AnnKey, strconv.Itoa(i)).Trail.Cache == authz.CacheHit {
			kept++
		}
	}
	if kept < hot*95/100 {
		t.Errorf("%d of %d are still remembered", kept, hot)
	}
	if got := shelves.denials.Stats(); got.Bytes > got.Capacity {
		t.Errorf("denials hold %d of %d bytes", got.Bytes, got.Capacity)
	}
}

// TestCacheIsHonestAboutItsBytes: what entries take on the heap is what they are
// counted as, the answers that were made of them included. The tables that
// ristretto makes at the start come on top.
func TestCacheIsHonestAboutItsBytes(t *testing.T) {
	const (
		given = 32 << 20
		// answer is above what authz/envoy keeps of a denial like these.
		answer = 700
	)
	p := ruled(t, `input.tenant == "nobody's"`)
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 64, Timeout: time.Minute, Margin: time.Millisecond}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	shelves, err := newShelves(given, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	if err := a.Remembering(shelves, &authz.Changes{}); err != nil {
		t.Fatal(err)
	}
	a.Swap(p.snapshot)
	tables := heap() - before
	for i := 0; shelves.denials.Stats().Bytes < given/8*95/100; i++ {
		q := &authz.Request{Method: "GET", Secure: true, Host: "b.example", Path: "/x/1"}
		q.Headers.List = []authz.Header{{Name: "x-api-key", Value: "bad-key-" + strconv.Itoa(i)}}
		a.Check(t.Context(), &authz.Attributes{Request: q})
		shelves.denials.Wait()
		a.Check(t.Context(), &authz.Attributes{Request: q}).Memo.Keep(make([]byte, answer))
		if i == 200_000 {
			t.Fatalf("the cache never fills: %+v", shelves.denials.Stats())
		}
	}
	held, taken := shelves.denials.Stats().Bytes, heap()-before-tables
	t.Logf("%d bytes by its own account, %d on the heap, %d of tables before the first", held, taken, tables)
	if taken > held*5/4 || tables > given/6 {
		t.Error("the cache takes more than it says")
	}
}
