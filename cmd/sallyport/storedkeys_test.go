package main

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// storedCallers is the configuration of TestOneKeyOneVerdict with all callers in the
// store: by keys that it minted and keys of another system on one header, by tokens on
// another, by host; and with tenants that one must be a member of.
const storedCallers = `
mode: development
server: {listeners: [{address: 127.0.0.1:0}]}
scopes: [read, write]
store: {path: data, keys: [{id: k1, secret: 'file:server.key'}]}
authenticators:
  - {name: minted, apikey: {store: true, prefixes: [pfy_]}}
  - {name: key, apikey: {store: true}}
  - {name: pk, apikey: {store: true, prefix: pk_}}
  - {name: bearer, token: {prefixes: [pfy_]}}
  - {name: shop, host: {scopes: [read], store: true}}
hosts:
  - name: all
    match: ["*"]
    unclaimed: ignore
    routes:
      - {methods: [GET], path: "/x/{id}", accept: [[minted, key], [shop]], scopes: [read], unaccepted: {headers: refuse}}
      - {methods: [POST], path: "/x/{id}", accept: [[minted, key, bearer]], scopes: [write]}
      - {methods: [GET], path: "/t/{org}", accept: [minted, key, pk], tenant: "path:org"}
      - {methods: [GET], path: "/q", accept: [minted, key, bearer], tenant: "query:org", membership: scopes}
policies: {paths: [rules], timeout: 30s}
`

func openStoredCallers(t *testing.T, rule string) *storedWorld {
	t.Helper()
	return openStored(t, storedCallers, map[string]string{"rules/custom.rego": onekey.Module(rule)})
}

// TestOneKeyOneVerdictOfAStore is T-V1 where the store changes between the requests, on
// what the program makes of a configuration and of its store: no remembered verdict
// differs from a computed one.
func TestOneKeyOneVerdictOfAStore(t *testing.T) {
	w := openStoredCallers(t, onekey.Rules()[0])
	shelves, err := newShelves(16<<20, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	pair, err := onekey.NewPair(w.plan.snapshot, shelves, w.changes)
	if err != nil {
		t.Fatal(err)
	}
	opened := w.vault.opened.Load()
	stored, err := onekey.NewStored(opened.store, w.changes)
	if err != nil {
		t.Fatal(err)
	}
	stored.Seal = opened.verifier.Seal
	r := rand.New(rand.NewPCG(5, 12))
	for i := range 1500 {
		if i%12 == 0 {
			if err := stored.Turn(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if err := pair.Ask(t.Context(), stored.Draw(r)); err != nil {
			t.Fatal(err)
		}
		shelves.allows.Wait() // a busy machine would leave every write waiting
	}
	if pair.Hits == 0 || pair.Allowed == 0 {
		t.Errorf("%d hits, %d of them allowed: the test shows nothing", pair.Hits, pair.Allowed)
	}
}

// TestStoredKeyShapes: what cannot be a key is told without the store, which is closed
// here, and so cannot tell. Guards: the forms of compiler.storedKeys.
func TestStoredKeyShapes(t *testing.T) {
	w := openStoredCallers(t, onekey.Rules()[0])
	if err := w.vault.close(); err != nil {
		t.Fatal(err)
	}
	a := w.authorizer(t)
	minted, _, err := tokenform.Mint("pfy_")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]authz.Reason{
		minted.Reveal():          authz.Unavailable,
		"anything-at-all":        authz.Unavailable,
		"pfy_cut":                authz.Malformed,
		"pfy_" + minted.Reveal(): authz.Malformed,
		"two words":              authz.Malformed,
		"a,b":                    authz.Conflict,
	} {
		q := &authz.Request{Method: "GET", Host: "b.example", Path: "/t/a", Headers: authz.Headers{List: []authz.Header{{Name: "x-api-key", Value: value}}}}
		if got := a.Check(t.Context(), &authz.Attributes{Request: q}); got.Reason != want {
			t.Errorf("%q: got %s (%v), want %s", value, got.Reason, got.Trail.Cause, want)
		}
	}
}

// TestStoredKeyPrefix: a key of another system is found under the prefix by which it
// is claimed, and no other. Guard: the prefix of whole.
func TestStoredKeyPrefix(t *testing.T) {
	w := openStoredCallers(t, onekey.Rules()[1])
	w.apply(t, authz.PutOrganization{Organization: authz.Organization{ID: "a"}}, authz.PutMember{Membership: authz.Membership{Organization: "a", Subject: "ann"}})
	a := w.authorizer(t)
	for value, under := range map[string]string{"pk_of-its-own": "pk_", "pk_of-nobody": "", "of-nobody": "pk_", "of-its-own": ""} {
		secret := authz.NewSecret(value)
		w.apply(t, authz.MintToken{Token: authz.Token{
			Ref: tokenform.Whole(under, secret), Verifier: w.vault.opened.Load().verifier.Seal(secret),
			Grant: authz.Grant{Subject: "ann", Tenant: "a"},
		}})
		want := authz.Rejected
		if strings.HasSuffix(value, "own") {
			want = ""
		}
		q := &authz.Request{Method: "GET", Secure: true, Host: "b.example", Path: "/t/a", Headers: authz.Headers{List: []authz.Header{{Name: "x-api-key", Value: value}}}}
		if got := a.Check(t.Context(), &authz.Attributes{Request: q}); got.Reason != want {
			t.Errorf("%q under %q: got %q (%v), want %q", value, under, got.Reason, got.Trail.Cause, want)
		}
	}
}
