package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// membered is a configuration whose callers are known in every way, and whose tenants
// come from everywhere.
const membered = `
server: {listeners: [{address: 127.0.0.1:0}]}
scopes: [read, write]
store: {path: data, keys: [{id: k1, secret: 'file:server.key'}]}
authenticators:
  - name: token
    token: {prefixes: [pfy_]}
  - name: staff
    jwt: {issuer: me, audiences: [api], jwks_file: 'file:keys.json', claims: {tenant: org}}
  - name: shop
    host: {store: true, scopes: [read]}
  - name: guest
    anonymous: {limit: {per_second: 1000, burst: 1000}}
hosts:
  - name: all
    match: ["*"]
    accept: [[token, staff], [shop]]
    routes:
      - {methods: [GET], path: /caller}
      - {methods: [GET], path: "/path/{org}", tenant: "path:org"}
      - {methods: [GET], path: /query, tenant: "query:org"}
      - {methods: [GET], path: /read, scopes: [read]}
      - {methods: [GET], path: /write, scopes: [write]}
      - {methods: [GET], path: /listed, scopes: [write], membership: scopes}
      - {methods: [GET], path: "/anybody/{org}", tenant: "path:org", membership: none}
      - {methods: [GET], path: /nowhere, tenant: none}
      - {methods: [GET], path: "/public/{org}", tenant: "path:org", accept: [guest], public: true, membership: none}
  - name: lax
    match: [lax.example]
    accept: [[token, staff], [shop]]
    membership: none
    routes:
      - {methods: [GET], path: /lax}
      - {methods: [GET], path: /strict, membership: require}
policies: {timeout: 30s}
`

// memberWorld has the organizations A and B, of which A has a shop, and one token
// and one JWT each of ann and bob, both of whom claim A.
type memberWorld struct {
	*storedWorld
	authorizer *authz.Authorizer
	secrets    map[string]string
}

func beginMembers(t *testing.T) memberWorld {
	t.Helper()
	s := newSigner(t, "a")
	w := memberWorld{openStored(t, membered, map[string]string{"keys.json": string(s.published(t))}), nil, map[string]string{}}
	w.apply(t, authz.PutOrganization{Organization: authz.Organization{ID: "A"}}, authz.PutOrganization{Organization: authz.Organization{ID: "B"}},
		authz.PutDomain{Domain: authz.Domain{Name: "shop.example", Organization: "A", Verified: true}})
	for _, subject := range []string{"ann", "bob"} {
		w.secrets[subject+"'s token"] = w.mint(t, "pfy_", authz.Grant{Subject: subject, Tenant: "A", Scopes: []string{"write", "read"}})
		w.secrets[subject+"'s JWT"] = s.token(t, map[string]any{
			"iss": "me", "aud": "api", "sub": subject, "org": "A", "scope": "write read", "exp": time.Now().Add(time.Hour).Unix(),
		})
	}
	w.authorizer = w.storedWorld.authorizer(t)
	return w
}

// ask asks as one of secrets, or as nobody. What is remembered must be what is computed.
func (w memberWorld) ask(t *testing.T, host, path, who string) authz.Verdict {
	t.Helper()
	q := &authz.Request{Method: "GET", Host: host, Path: path}
	if who != "" {
		q.Headers.List = []authz.Header{{Name: "authorization", Value: "Bearer " + w.secrets[who]}}
	}
	first := w.authorizer.Check(t.Context(), &authz.Attributes{Request: q})
	second := w.authorizer.Check(t.Context(), &authz.Attributes{Request: q})
	if first.Effect != second.Effect || first.Reason != second.Reason || !slices.Equal(first.Trail.Caller.Scopes, second.Trail.Caller.Scopes) {
		t.Errorf("%s %s: %v %s, then %v %s (%v, %v)", path, who, first.Effect, first.Reason, second.Effect, second.Reason, first.Trail.Cause, second.Trail.Cause)
	}
	return second
}

// TestMembership: a tenant is a claim wherever it comes from, until the caller is a
// member there; and each change counts from the next request on. Guards: each case
// of compiler.belonging, by the rows of its routes.
func TestMembership(t *testing.T) {
	w := beginMembers(t)
	for _, who := range []string{"ann's token", "ann's JWT"} {
		t.Run(who, func(t *testing.T) {
			of := []string{"/caller", "/path/A", "/query?org=A", "/read", "/write"}
			isMember := func(t *testing.T, want bool, paths ...string) {
				t.Helper()
				for _, path := range paths {
					got := w.ask(t, "api.example", path, who)
					refused := got.Reason == authz.WrongTenant && got.Status == 403 && got.Trail.Rule == "membership"
					if refused == want || !want && got.Effect == authz.Allow || want && slices.Contains(of, path) && got.Effect != authz.Allow {
						t.Errorf("%s, a member %t: %v %q %d by %s, %v", path, want, got.Effect, got.Reason, got.Status, got.Trail.Rule, got.Trail.Cause)
					}
				}
			}
			isMember(t, false, of...)
			w.apply(t, authz.PutMember{Membership: authz.Membership{Organization: "B", Subject: "ann"}})
			isMember(t, false, of...)
			w.apply(t, authz.PutMember{Membership: authz.Membership{Organization: "A", Subject: "ann"}})
			isMember(t, true, append(of, "/path/B", "/query?org=B")...) // B is not the token's tenant, which is the policy's to say
			w.apply(t, authz.RemoveMember{Organization: "B", Subject: "ann"})
			isMember(t, false, "/path/B", "/query?org=B")
			isMember(t, true, of...)
			w.apply(t, authz.RemoveMember{Organization: "A", Subject: "ann"})
			isMember(t, false, of...)
		})
	}
}

// TestMembershipDefaults: what counts where nothing, "none" or "require" was written.
func TestMembershipDefaults(t *testing.T) {
	w := beginMembers(t)
	const by = "bob's JWT" // a member of nothing
	for _, row := range []struct {
		name, host, path, who string
		want                  authz.Reason
	}{
		{"require is the default", "api.example", "/caller", by, authz.WrongTenant},
		{"none, by the route", "api.example", "/anybody/A", by, ""},
		{"no tenant", "api.example", "/nowhere", by, ""},
		{"none, by the block", "lax.example", "/lax", by, ""},
		{"require, by the route within none", "lax.example", "/strict", by, authz.WrongTenant},
		{"by host, of its own tenant", "shop.example", "/caller", "", ""},
		{"by host, its own tenant in the path", "shop.example", "/path/A", "", ""},
		{"by host, another tenant in the path", "shop.example", "/path/B", "", authz.WrongTenant},
		{"by host, another tenant in the query", "shop.example", "/query?org=B", "", authz.WrongTenant},
		{"somebody on a shop's host", "shop.example", "/caller", by, authz.WrongTenant},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := w.ask(t, row.host, row.path, row.who); got.Reason != row.want {
				t.Errorf("got %q (%v), want %q", got.Reason, got.Trail.Cause, row.want)
			}
		})
	}
}

// TestMembershipBoundsScopes: nobody has a scope in a tenant that the membership does
// not give them there.
func TestMembershipBoundsScopes(t *testing.T) {
	w := beginMembers(t)
	for _, row := range []struct {
		scopes []string
		want   map[string]authz.Reason
		told   string
	}{
		{nil, map[string]authz.Reason{"/read": "", "/write": "", "/listed": authz.OutOfScope}, "write read"},
		{[]string{"read"}, map[string]authz.Reason{"/read": "", "/write": authz.OutOfScope, "/listed": authz.OutOfScope}, "read"},
		{[]string{"read", "admin", "write"}, map[string]authz.Reason{"/read": "", "/write": "", "/listed": ""}, "write read"},
		{[]string{"admin"}, map[string]authz.Reason{"/read": authz.OutOfScope, "/write": authz.OutOfScope, "/listed": authz.OutOfScope}, ""},
	} {
		w.apply(t, authz.PutMember{Membership: authz.Membership{Organization: "A", Subject: "bob", Scopes: row.scopes}})
		for path, want := range row.want {
			got := w.ask(t, "api.example", path, "bob's token")
			if got.Reason != want {
				t.Errorf("a member with %q: %s: got %q, want %q", row.scopes, path, got.Reason, want)
			}
			if told := strings.Join(got.Trail.Caller.Scopes, " "); told != row.told && path != "/listed" {
				t.Errorf("a member with %q: %s: the record has %q, want %q", row.scopes, path, told, row.told)
			}
		}
	}
}

// TestMembershipUnknown: of a store that is not open nobody can tell, which is no
// denial of membership and is remembered by nobody.
func TestMembershipUnknown(t *testing.T) {
	w := beginMembers(t)
	w.apply(t, authz.PutMember{Membership: authz.Membership{Organization: "A", Subject: "ann"}})
	held := w.vault.opened.Swap(nil)
	for _, who := range []string{"ann's JWT", "ann's token", ""} {
		if got := w.ask(t, "shop.example", "/caller", who); got.Reason != authz.Unavailable || got.Status != 503 {
			t.Errorf("%q: got %s %d, want 503 unavailable", who, got.Reason, got.Status)
		}
	}
	w.vault.opened.Store(held)
	for _, who := range []string{"ann's JWT", "ann's token", ""} {
		if got := w.ask(t, "shop.example", "/caller", who); got.Effect != authz.Allow {
			t.Errorf("%q: got %s, %v", who, got.Reason, got.Trail.Cause)
		}
	}
}

// TestMembershipOfTheStart: taking the store out of the file, or putting one in, needs a
// restart; until then the members are those of the store that the process has, and
// of none where it has none. Guard: process.began in compiler.hasStore.
func TestMembershipOfTheStart(t *testing.T) {
	const store = "store: {path: data, keys: [{id: k1, secret: 'file:server.key'}]}\n"
	jwtOnly := func(store, route string) string {
		return "server: {listeners: [{address: 127.0.0.1:0}]}\n" + store + `
authenticators:
  - {name: staff, jwt: {issuer: me, audiences: [api], jwks_file: 'file:keys.json', claims: {tenant: org}}}
hosts:
  - {name: all, match: ["*"], routes: [{methods: [GET], path: /caller` + route + "}]}\n"
	}
	for _, test := range []struct {
		name, before, after string
		want                bool
		refusal             string
	}{
		{"taken out", jwtOnly(store, ""), jwtOnly("", ""), true, ""},
		{"taken out, and required by hand", jwtOnly(store, ""), jwtOnly("", ", membership: require"), true, ""},
		{"put in", jwtOnly("", ""), jwtOnly(store, ""), false, ""},
		{"put in, and required by hand", jwtOnly("", ""), jwtOnly(store, ", membership: require"), false, "the process began without a store"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := write(t, test.before)
			for name, text := range map[string]string{"keys.json": string(newSigner(t, "a").published(t)), "server.key": strings.Repeat("0123456789abcdef", 4)} {
				if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			from := newSource(file, time.Now)
			p, _, err := from.whole(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			r := newReloader(from, p, slog.New(slog.DiscardHandler), nil)
			if err := os.WriteFile(file, []byte(test.after), 0o600); err != nil {
				t.Fatal(err)
			}
			p, _, err = r.source.whole(t.Context(), 2)
			if test.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), test.refusal) {
					t.Errorf("got %v, want %q", err, test.refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			match, err := p.snapshot.Router.Match(&authz.Attributes{Request: &authz.Request{Method: "GET", Host: "api.example", Path: "/caller"}})
			if err != nil || (match.Route.Belonging != nil) != test.want {
				t.Errorf("members alone pass: %t, %v; want %t", match.Route.Belonging != nil, err, test.want)
			}
		})
	}
}

// TestMembershipOfTwoIssuers: a subject of two issuers is one member, which is told. The
// guard is checkIssuers.
func TestMembershipOfTwoIssuers(t *testing.T) {
	const (
		both = "[[token, staff, others], [shop]]"
		jwt  = "jwt: {issuer: you, audiences: [api], header: x-other, jwks_file: 'file:keys.json'}"
		asks = "introspection: {endpoint: 'https://id.example/i', bearer_token: 'file:client.token', audiences: [api], header: x-other"
	)
	for _, row := range []struct{ accept, second, other string }{
		{both, jwt, "you"},
		{"[[token, staff], [shop]]", jwt, ""},
		{both, asks + ", issuer: you}", "you"},
		{both, asks + "}", "https://id.example/i"},
		{both, asks + ", issuer: me}", ""},
		{both, "session: {cookies: [sid], asked: {endpoint: 'https://id.example/s'}}", "https://id.example/s"},
	} {
		second := "  - name: others\n    " + row.second + "\n  - name: shop\n"
		text := strings.Replace(strings.Replace(membered, "  - name: shop\n", second, 1), "accept: [[token, staff], [shop]]", "accept: "+row.accept, 1)
		w := openStored(t, text, map[string]string{"keys.json": string(newSigner(t, "a").published(t)), "client.token": "a-token"})
		var told []string
		for _, warning := range w.plan.warnings {
			if _, rest, ok := strings.Cut(warning.String(), `membership knows callers of "me" and of "`); ok {
				other, _, _ := strings.Cut(rest, `"`)
				told = append(told, other)
			}
		}
		if got := strings.Join(told, " "); got != row.other {
			t.Errorf("%s, %s: warned of %q, want %q: %v", row.accept, row.second, got, row.other, w.plan.warnings)
		}
	}
}
