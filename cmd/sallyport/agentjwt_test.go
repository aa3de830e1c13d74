package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// agents is a configuration for the agents of a Better Auth beside the tokens of an
// issuer. A rule of the operator's holds each operation to its own capability, on
// request (P39).
const agents = `
mode: development
server: {listeners: [{address: 127.0.0.1:0}], max_checks: 1024}
scopes: [storefront, admin]
records:
  - name: ba
    endpoint: ENDPOINT/records
    bearer_token: file:secret
    roles: [{role: owner, scopes: [storefront, admin]}, {role: member, scopes: [storefront]}]
outbound: {allow_networks: [127.0.0.1], ca: file:ca.pem}
authenticators:
  - name: agent
    agentjwt:
      records: ba
      audiences: [https://api.prood.test]
      max_age: 50s
      scopes: [{capability: "admin*", scope: admin}, {capability: "*", scope: storefront}]
  - name: staff
    jwt: {issuer: me, audiences: [api], jwks_file: 'file:keys.json'}
denials:
  - name: prood
    rules:
      - reasons: [tenant]
        authenticators: [agent]
        body: Agent session is not bound to an organization
      - body: '{{.Code}}{{with .Detail}} {{.}}{{end}}{{with .Message}} {{.}}{{end}}'
denial: prood
hosts:
  - name: all
    match: ["*"]
    denial: prood
    routes:
      - {id: listProducts, methods: [GET], path: /v1/products, accept: [agent, staff], scopes: [storefront]}
      - {id: createCart, methods: [POST], path: /v1/carts, accept: [agent], scopes: [storefront]}
      - {id: adminCreateProduct, methods: [POST], path: /v1/admin/products, accept: [agent], scopes: [admin]}
policies: {paths: [rules]}
`

const strictly = `package custom

deny contains "capability_not_granted" if {
	input.request.headers["x-strict"]
	not input.route.id in input.caller.claims.capabilities
}
`

// registry is a record endpoint with the agents of ann, who owns A, and of others.
type registry struct {
	key    ed25519.PrivateKey
	agents map[string]map[string]any
	// down answers nothing; asked counts the questions.
	down  atomic.Bool
	asked atomic.Int64
}

func newRegistry(t testing.TB) *registry {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := &registry{key: key, agents: map[string]map[string]any{}}
	for id, changes := range map[string]map[string]any{
		"shopper": {}, "admin": {"grants": grants("adminCreateProduct")}, "both": {"tenant": "", "grants": grants("listProducts", "adminCreateProduct")},
		"waits": {"status": "pending"}, "gone": {"status": "revoked", "public_key": nil}, "useless": {"grants": []any{}},
		"stranger": {"tenant": "B"}, "lonely": {"user": "eve", "tenant": ""}, "member": {"user": "bob", "grants": grants("listProducts", "adminCreateProduct")},
	} {
		public, _ := key.Public().(ed25519.PublicKey)
		r.agents[id] = map[string]any{
			"id": id, "user": "ann", "status": "active", "expires": nil, "tenant": "A", "host_id": "h", "host_thumbprint": "",
			"public_key": map[string]any{"kty": "OKP", "crv": "Ed25519", "x": segment(public)}, "grants": grants("listProducts"),
		}
		maps.Copy(r.agents[id], changes)
	}
	return r
}

func grants(names ...string) []any {
	var all []any
	for _, name := range names {
		all = append(all, map[string]any{"capability": name, "status": "active", "expires": nil})
	}
	return all
}

func (r *registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.asked.Add(1)
	if r.down.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var question struct{ Kind, ID string }
	answer := map[string]any{"found": false}
	var record map[string]any
	if err := json.NewDecoder(request.Body).Decode(&question); err == nil && question.Kind == "agent" {
		record = r.agents[question.ID]
	} else if role := map[string]string{"ann": "owner", "bob": "member"}[question.ID]; question.Kind == "members" && role != "" {
		record = map[string]any{"user": question.ID, "members": []any{
			map[string]any{"id": "m", "organization": "A", "role": role, "created": "2026-01-02T00:00:00Z"},
		}}
	}
	if record != nil {
		answer = map[string]any{"found": true, "record": record}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("content-type", "application/json")
	_, _ = w.Write(text)
}

// token signs as an agent does.
func (r *registry) token(t testing.TB, agent string, changes map[string]any) string {
	t.Helper()
	claims := map[string]any{
		"sub": agent, "aud": "https://api.prood.test", "jti": rand.Text(), "iat": time.Now().Unix(), "exp": time.Now().Add(50 * time.Second).Unix(),
	}
	maps.Copy(claims, changes)
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed := segment([]byte(`{"alg":"EdDSA","typ":"agent+jwt"}`)) + "." + segment(payload)
	return signed + "." + segment(ed25519.Sign(r.key, []byte(signed)))
}

// market is the program with its cache on, asking a registry.
type market struct {
	*registry
	*authz.Authorizer
	source source
}

func newMarket(t *testing.T) *market {
	t.Helper()
	m := &market{registry: newRegistry(t)}
	server := httptest.NewTLSServer(m.registry)
	t.Cleanup(server.Close)
	file := write(t, strings.Replace(agents, "ENDPOINT", server.URL, 1))
	dir := filepath.Dir(file)
	writePEM(t, filepath.Join(dir, "ca.pem"), "CERTIFICATE", server.Certificate().Raw)
	if err := os.Mkdir(filepath.Join(dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"secret": []byte("of-the-endpoint"), "keys.json": newSigner(t, "a").published(t), "rules/a.rego": []byte(strictly)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m.source = newSource(file, time.Now)
	first := m.plan(t, 1)
	shelves, err := newShelves(16<<20, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	limits := first.limits
	limits.Timeout = time.Minute
	if m.Authorizer, err = authz.NewAuthorizer(limits, time.Now); err != nil {
		t.Fatal(err)
	}
	if err := m.Remembering(shelves, m.source.changes); err != nil {
		t.Fatal(err)
	}
	m.Swap(first.snapshot)
	return m
}

func (m *market) plan(t testing.TB, generation uint64) *plan {
	t.Helper()
	p, err := m.source.load(t.Context(), newInventory(), generation)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.release)
	return p
}

// ask gives "allow", or status and body of a denial.
func (m *market) ask(t testing.TB, operation, token string, headers ...authz.Header) (string, authz.Verdict) {
	t.Helper()
	return m.present(t, operation, append(headers, authz.Header{Name: "authorization", Value: "Bearer " + token})...)
}

// present asks with these headers.
func (m *market) present(t testing.TB, operation string, headers ...authz.Header) (string, authz.Verdict) {
	t.Helper()
	method, path, _ := strings.Cut(operation, " ")
	v := m.Check(t.Context(), &authz.Attributes{Request: &authz.Request{
		Method: method, Host: "api.prood.test", Path: path, Scheme: "https", Headers: authz.Headers{List: headers},
	}})
	if v.Effect == authz.Allow {
		return "allow", v
	}
	return http.StatusText(v.Status) + ": " + v.Body, v
}

// TestRecordsAreLeftAlone: an endpoint that does not answer is asked no more for a while,
// and nobody is called unknown. The guard is the breaker of compiler.recordSource.
func TestRecordsAreLeftAlone(t *testing.T) {
	m := newMarket(t)
	m.down.Store(true)
	for i := range 10 {
		if got, _ := m.ask(t, "GET /v1/products", m.token(t, fmt.Sprint("agent", i), nil)); !strings.HasPrefix(got, "Service Unavailable") {
			t.Errorf("question %d: got %s", i+1, got)
		}
	}
	const opens = 5
	if got := m.asked.Load(); got != opens {
		t.Errorf("asked %d times, want %d", got, opens)
	}
}

// TestAgents is P04 to P07, P34, P38 and P39 by what the program makes of a configuration.
func TestAgents(t *testing.T) {
	m, strict := newMarket(t), authz.Header{Name: "x-strict", Value: "1"}
	const list, create, cart = "GET /v1/products", "POST /v1/admin/products", "POST /v1/carts"
	for _, row := range []struct {
		name, operation, agent string
		changes                map[string]any
		headers                []authz.Header
		want                   string
	}{
		{"P04/fresh", list, "shopper", nil, nil, "allow"},
		{"P04/old", list, "shopper", map[string]any{"iat": time.Now().Add(-2 * time.Minute).Unix()}, nil, "Unauthorized: rejected"},
		{"P04/older than max_age", list, "shopper", map[string]any{"iat": time.Now().Add(-51 * time.Second).Unix(), "exp": time.Now().Add(5 * time.Second).Unix()}, nil, "Unauthorized: rejected"},
		{"P04/no jti", list, "shopper", map[string]any{"jti": nil}, nil, "Unauthorized: rejected"},
		{"P04/another service", list, "shopper", map[string]any{"aud": "https://api.prood.test/"}, nil, "Unauthorized: rejected"},
		{"P04/unknown", list, "nobody", nil, nil, "Unauthorized: rejected"},
		{"P04/pending", list, "waits", nil, nil, "Forbidden: rejected agent_pending"},
		{"P04/revoked", list, "gone", nil, nil, "Forbidden: rejected agent_revoked"},
		{"P04/iss of the host", list, "shopper", map[string]any{"iss": "h"}, nil, "allow"},
		{"P06/not a member", list, "stranger", nil, nil, "Forbidden: rejected no_member"},
		{"P06/a member of nothing", list, "lonely", nil, nil, "Forbidden: Agent session is not bound to an organization"},
		{"P06/no metadata", list, "both", nil, nil, "allow"},
		{"P07/no grants", list, "useless", nil, nil, "Forbidden: rejected no_active_grants"},
		{"P07/storefront only", create, "shopper", nil, nil, "Forbidden: scope"},
		{"P07/admin only", list, "admin", nil, nil, "Forbidden: scope"},
		{"P07/admin", create, "admin", nil, nil, "allow"},
		{"P07/narrowed", create, "both", map[string]any{"capabilities": []string{"listProducts"}}, nil, "Forbidden: scope"},
		{"P07/within the role", create, "member", nil, nil, "Forbidden: scope"},
		{"P39/scope mode", cart, "shopper", nil, nil, "allow"},
		{"P39/strict mode", cart, "shopper", nil, []authz.Header{strict}, "Forbidden: policy capability_not_granted"},
		{"P39/strict, granted", list, "shopper", nil, []authz.Header{strict}, "allow"},
	} {
		t.Run(row.name, func(t *testing.T) {
			token := m.token(t, row.agent, row.changes)
			got, v := m.ask(t, row.operation, token, row.headers...)
			if got != row.want {
				t.Fatalf("got %q (%v), want %q", got, v.Trail.Cause, row.want)
			}
			if got != "allow" {
				return
			}
			if caller := v.Trail.Caller; caller.Tenant != "A" || caller.User != "ann" || caller.Kind != "agent" || !caller.Settled || v.Trail.Cache != "" && v.Trail.Cache != authz.CacheNone {
				t.Errorf("caller %+v, cache %s", caller, v.Trail.Cache)
			}
			if got, _ := m.ask(t, row.operation, token, row.headers...); got != "Unauthorized: rejected jti_replay" {
				t.Errorf("again: %q", got)
			}
		})
	}
}

// TestAgentScheme is P37 and T-M3, T-M4: one Authorization, with the scheme in any case and
// one space behind it.
func TestAgentScheme(t *testing.T) {
	m := newMarket(t)
	for _, row := range []struct{ name, before, behind, want string }{
		{"P37/bearer", "bearer ", "", "allow"},
		{"P37/BEARER", "BEARER ", "", "allow"},
		{"P37/two spaces", "Bearer  ", "", "Unauthorized: malformed"},
		{"P37/no space", "Bearer", "", "Unauthorized: malformed"},
		{"P37/another scheme", "Token ", "", "Unauthorized: malformed"},
		{"P37/two in one", "Bearer ", ",Bearer x", "Bad Request: conflict"},
	} {
		t.Run(row.name, func(t *testing.T) {
			value := row.before + m.token(t, "shopper", nil) + row.behind
			if got, v := m.present(t, "GET /v1/products", authz.Header{Name: "authorization", Value: value}); got != row.want {
				t.Errorf("got %q (%v), want %q", got, v.Trail.Cause, row.want)
			}
		})
	}
	t.Run("P37/two headers", func(t *testing.T) {
		one := authz.Header{Name: "authorization", Value: "Bearer " + m.token(t, "shopper", nil)}
		two := authz.Header{Name: "authorization", Value: "Bearer " + m.token(t, "shopper", nil)}
		for _, pair := range [][]authz.Header{{one, two}, {two, one}, {one, one}} {
			if got, _ := m.present(t, "GET /v1/products", pair...); got != "Bad Request: conflict" {
				t.Errorf("got %q", got)
			}
		}
		if got, _ := m.present(t, "GET /v1/products", one); got != "allow" { // nothing was used up
			t.Errorf("alone: got %q", got)
		}
	})
}

// TestAgentsOnce: of equal requests at once one passes, cache on, and a reload takes no
// token again, whatever it changes. The guards are agentjwt's, and process.used, which
// every snapshot is given.
func TestAgentsOnce(t *testing.T) {
	m := newMarket(t)
	var used []string
	for range 50 {
		token, wants, verdicts := m.token(t, "shopper", nil), map[string]int{}, make([]string, 20)
		var group sync.WaitGroup
		for i := range verdicts {
			group.Go(func() { verdicts[i], _ = m.ask(t, "GET /v1/products", token) })
		}
		group.Wait()
		for _, one := range verdicts {
			wants[one]++
		}
		if wants["allow"] != 1 || wants["Unauthorized: rejected jti_replay"] != len(verdicts)-1 {
			t.Fatalf("got %v", wants)
		}
		used = append(used, token)
	}
	text, err := os.ReadFile(m.source.file)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "      max_age: 50s\n", "", 1))
	if err := os.WriteFile(m.source.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	m.Swap(m.plan(t, 2).snapshot)
	for _, token := range used {
		if got, _ := m.ask(t, "GET /v1/products", token); got != "Unauthorized: rejected jti_replay" {
			t.Fatalf("after a reload: %q", got)
		}
	}
	if got, v := m.ask(t, "GET /v1/products", m.token(t, "shopper", nil)); got != "allow" {
		t.Errorf("a new one: %q (%v)", got, v.Trail.Cause)
	}
}
