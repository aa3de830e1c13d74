package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
)

// remembered is a configuration in which credentials meet in every way that
// this release knows: two headers, one of which a route may not accept, and a host.
const remembered = `
mode: development
server: {listeners: [{address: 127.0.0.1:0}]}
scopes: [read, write]
authenticators:
  - name: key
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

// denyRules are operators' rules, each on another part of the input.
func denyRules() []string {
	return []string{
		`input.request.client_ip != "10.0.0.1"`, `not input.request.secure`, `input.request.headers.origin[_] == "https://evil.example"`,
		`input.request.scheme == "http"`, `input.request.method == "POST"`, `startswith(input.request.path, "/x/2")`,
		`input.route.params.id == "1"`, `input.request.host == "a.example"`, `input.request.query.org[_] == "b"`, `count(input.request.query) > 1`,
		`input.request.body_state == "truncated"`, `contains(input.request.body, "drop")`, `input.peer.principal == "spiffe://x/y"`,
		`input.peer.sni == "a.example"`, `input.envoy.context_extensions.zone == "dmz"`, `input.envoy.metadata.geo.land == "xx"`,
		`input.envoy.route_metadata.r.tier == "free"`, `input.caller.subject == "bob"`, `input.caller.kind == "shop"`,
		`contains(input.request.headers.cookie[_], "theme=dark")`, `input.tenant == "b"`, `input.request.headers[name][_] == "1"; startswith(name, "x-flag")`,
		`object.get(input.request.headers, "x-flag-a", ["0"]) == ["0"]`, `count(input.request.headers) > 2`,
	}
}

// pick gives the first mostly, so that most requests differ in few places.
func pick[T any](r *rand.Rand, from ...T) T {
	if r.IntN(6) > 0 {
		return from[0]
	}
	return from[r.IntN(len(from))]
}

// drawn makes a request out of few values, so that keys meet often.
func drawn(r *rand.Rand) *authz.Attributes {
	q := &authz.Request{
		Method: pick(r, "GET", "HEAD", "POST"), Scheme: pick(r, "http", "https"), Secure: pick(r, true, false),
		Host: pick(r, "a.example", "b.example"), Path: pick(r, "/x/1", "/x/2", "/x/3", "/t/a", "/t/b", "/q?org=a", "/q?org=b", "/q?org=a&y=1", "/nowhere"),
	}
	q.Body.State = pick(r, authz.BodyWhole, authz.BodyTruncated, authz.BodyAbsent)
	if q.Body.State != authz.BodyAbsent {
		q.Body.Bytes = []byte(pick(r, "keep", "drop"))
	}
	for _, h := range []authz.Header{
		{Name: "x-api-key", Value: pick(r, "ann-key", "bob-key", "bad-key", "a,b", "a b")},
		{Name: "authorization", Value: pick(r, "Bearer ann-key", "Bearer bad-key", "Basic YTpi", "Bearer")},
		{Name: "origin", Value: pick(r, "https://evil.example", "https://good.example")},
		{Name: "cookie", Value: pick(r, "theme=dark", "theme=light")},
		{Name: "x-flag-a", Value: pick(r, "0", "1")},
		{Name: "x-authz-subject", Value: "root"},
		{Name: "x-request-id", Value: fmt.Sprint(r.Int())},
	} {
		if pick(r, h.Name == "x-api-key", true, false) {
			q.Headers.List = append(q.Headers.List, h)
		}
	}
	q.Headers.Joined = pick(r, false, true)
	return &authz.Attributes{
		Request: q, Peer: authz.Peer{Address: pick(r, "10.0.0.1", "10.0.0.2"), Principal: pick(r, "", "spiffe://x/y"), SNI: pick(r, "", "a.example")},
		Extensions: pick(r, nil, map[string]string{"zone": "dmz"}), Metadata: pick(r, nil, map[string]any{"geo": map[string]any{"land": "xx"}}),
		RouteMetadata: pick(r, nil, map[string]any{"r": map[string]any{"tier": "free"}}),
	}
}

// deciders are two Authorizers on one snapshot; only the first remembers.
func deciders(t *testing.T, p *plan) (remembers, forgets *authz.Authorizer) {
	t.Helper()
	shelves, err := newShelves(16<<20, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	var both [2]*authz.Authorizer
	for i := range both {
		if both[i], err = authz.NewAuthorizer(authz.Limits{InFlight: 64, Timeout: time.Minute, Margin: time.Millisecond}, time.Now); err != nil {
			t.Fatal(err)
		}
		both[i].Swap(p.snapshot)
	}
	if err := both[0].Remembering(shelves, &authz.Changes{}); err != nil {
		t.Fatal(err)
	}
	return both[0], both[1]
}

func ruled(t *testing.T, rule string) *plan {
	t.Helper()
	file := write(t, remembered)
	rules := filepath.Join(filepath.Dir(file), "rules")
	if err := os.MkdirAll(rules, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "package custom\n\ndeny contains \"no\" if {\n\t" + rule + "\n}\n"
	if err := os.WriteFile(filepath.Join(rules, "custom.rego"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := load(t.Context(), file, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// compare asks both about the same random requests and gives the first
// difference that a client or an upstream could see, and how many were hits.
func compare(t *testing.T, p *plan, count int, seed uint64) (difference string, hits int) {
	t.Helper()
	remembers, forgets := deciders(t, p)
	r := rand.New(rand.NewPCG(seed, 4))
	for range count {
		a := drawn(r)
		got, want := remembers.Check(t.Context(), a), forgets.Check(t.Context(), a)
		if got.Trail.Cache == authz.CacheHit {
			hits++
		}
		if diff := cmp.Diff(got, want, cmpopts.IgnoreFields(authz.Verdict{}, "Trail")); diff != "" {
			return fmt.Sprintf("%+v %+v (-remembered +computed):\n%s", *a, *a.Request, diff), hits
		}
		if got.Trail.Caller.Subject != want.Trail.Caller.Subject || got.Trail.Tenant != want.Trail.Tenant {
			return "another caller or tenant in the record", hits
		}
	}
	return "", hits
}

// TestOneKeyOneVerdict is T-V1: whatever is remembered is what would be computed,
// for rules on every part of the input.
func TestOneKeyOneVerdict(t *testing.T) {
	for i, rule := range denyRules() {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			difference, hits := compare(t, ruled(t, rule), 1000, uint64(i))
			if difference != "" {
				t.Error(difference)
			}
			if hits == 0 {
				t.Error("nothing was ever remembered: the test shows nothing")
			}
		})
	}
}

// TestHarnessFindsDefects drops one field from the keys at a time: the harness
// must find a request that is then handed another's verdict.
func TestHarnessFindsDefects(t *testing.T) {
	for field, rule := range map[authz.Field]string{
		authz.FieldPeerAddress: `input.request.client_ip != "10.0.0.1"`,
		authz.FieldSecure:      `not input.request.secure`,
		authz.FieldHeaders:     `input.request.headers.origin[_] == "https://evil.example"`,
		authz.FieldScheme:      `input.request.scheme == "http"`,
		authz.FieldBody:        `contains(input.request.body, "drop")`,
		authz.FieldExtensions:  `input.envoy.context_extensions.zone == "dmz"`,
		"header:x-api-key":     `input.caller.subject == "bob"`,
	} {
		t.Run(string(field), func(t *testing.T) {
			t.Parallel()
			p := ruled(t, rule)
			spoil(t, p, field)
			if difference, _ := compare(t, p, 4000, 7); difference == "" {
				t.Error("the harness found nothing")
			}
		})
	}
}

// spoil takes a field out of every key, also where an authenticator reads it.
func spoil(t *testing.T, p *plan, field authz.Field) {
	t.Helper()
	keys, hidden := keyplan.NewKeys(), authz.NewHidden(p.snapshot.Carriers)
	r, done := rand.New(rand.NewPCG(1, 1)), map[*authz.Route]bool{}
	without := func(reads authz.Reads) authz.Reads {
		return slices.DeleteFunc(slices.Clone(reads), func(f authz.Field) bool { return f == field })
	}
	for range 500 {
		match, err := p.snapshot.Router.Match(drawn(r))
		if err != nil || match.Route.Plan == nil || done[match.Route] {
			continue
		}
		done[match.Route] = true
		blind := *match.Route
		blind.Accept = nil
		for _, group := range match.Route.Accept {
			var same []*authz.Configured
			for _, configured := range group {
				c := *configured
				c.Reads = without(c.Reads)
				same = append(same, &c)
			}
			blind.Accept = append(blind.Accept, same)
		}
		if strings.HasPrefix(string(field), "header:") {
			// Its claim would stand in for it: the defect is that nothing does.
			claims, err := authz.NewClaims(nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			blind.Claims = claims
		}
		plan, err := keyplan.New(keys, &blind, without(authz.WholeInput()), hidden)
		if err != nil {
			t.Fatal(err)
		}
		match.Route.Plan = plan
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
			if p.cacheBytes != 0 || len(p.warnings) != 1 || !strings.Contains(p.warnings[0].String(), "custom.rego:4") {
				t.Errorf("got %d bytes of cache and warnings %v, want none and one with the place", p.cacheBytes, p.warnings)
			}
		})
	}
	if p := ruled(t, `time.parse_rfc3339_ns("2026-01-01T00:00:00Z") < 0`); p.cacheBytes == 0 {
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
