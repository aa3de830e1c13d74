package agentjwt_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
)

// granting changes what an agent was granted.
func granting(grants ...agentjwt.Grant) func(*agentjwt.Record) {
	return func(r *agentjwt.Record) { r.Grants = grants }
}

func granted(names ...string) func(*agentjwt.Record) {
	var grants []agentjwt.Grant
	for _, name := range names {
		grants = append(grants, agentjwt.Grant{Capability: name, Status: "active"})
	}
	return granting(grants...)
}

// TestScopes is P07: what is granted now, asked for by the token and leaves a scope, within
// what the user's role may grant.
func TestScopes(t *testing.T) {
	inB := func(change func(*agentjwt.Record)) func(*agentjwt.Record) {
		return func(r *agentjwt.Record) { change(r); r.Tenant = "B" }
	}
	past, later := noon(), noon().Add(time.Second)
	for _, row := range []struct {
		name    string
		record  func(*agentjwt.Record)
		asks    any
		plain   bool // without mappings
		scopes  []string
		allowed []any
	}{
		{"listProducts", granted("listProducts"), nil, false, []string{"storefront"}, []any{"listProducts"}},
		{"adminCreateProduct", granted("adminCreateProduct"), nil, false, []string{"admin"}, []any{"adminCreateProduct"}},
		{"both, in their order", granted("adminCreateProduct", "listProducts", "adminX"), nil, false, []string{"admin", "storefront"}, []any{"adminCreateProduct", "listProducts", "adminX"}},
		{"narrowed", granted("adminCreateProduct", "listProducts"), []string{"listProducts"}, false, []string{"storefront"}, []any{"listProducts"}},
		{"asking for more gives nothing", granted("listProducts"), []string{"listProducts", "adminCreateProduct"}, false, []string{"storefront"}, []any{"listProducts"}},
		{"a grant twice", granted("listProducts", "listProducts"), nil, false, []string{"storefront"}, []any{"listProducts"}},
		{"unexpired", granting(agentjwt.Grant{Capability: "listProducts", Status: "active", Expires: later}), nil, false, []string{"storefront"}, []any{"listProducts"}},
		{"an expired one beside", granting(agentjwt.Grant{Capability: "adminX", Status: "active", Expires: past}, agentjwt.Grant{Capability: "x", Status: "active"}), nil, false, []string{"storefront"}, []any{"x"}},
		{"a pending one beside", granting(agentjwt.Grant{Capability: "adminX", Status: "pending"}, agentjwt.Grant{Capability: "x", Status: "active"}), nil, false, []string{"storefront"}, []any{"x"}},
		{"a limited one beside", granting(agentjwt.Grant{Capability: "adminX", Status: "active", Constrained: true}, agentjwt.Grant{Capability: "x", Status: "active"}), nil, false, []string{"storefront"}, []any{"x"}},
		{"more than the role grants", inB(granted("adminCreateProduct", "listProducts")), nil, false, []string{"storefront"}, []any{"adminCreateProduct", "listProducts"}},
		{"nothing of the role's", inB(granted("adminCreateProduct")), nil, false, nil, []any{"adminCreateProduct"}},
		{"names themselves", granted("storefront", "other"), nil, true, []string{"storefront"}, []any{"storefront", "other"}},
	} {
		t.Run("P07/"+row.name, func(t *testing.T) {
			ann := newAgent(t)
			record := ann.record()
			row.record(&record)
			a := authenticator(t, settings(register(record), func(s *agentjwt.Settings) {
				if row.plain {
					s.Scopes = nil
				}
			}))
			caller, err := ask(t.Context(), a, ann.claiming(t, "capabilities", row.asks))
			if err != nil {
				t.Fatal(err)
			}
			if len(caller.Scopes) == 0 {
				caller.Scopes = nil
			}
			if diff := cmp.Diff([]any{caller.Scopes, caller.Claims["capabilities"]}, []any{row.scopes, any(row.allowed)}); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// TestUnmapped: a name fits as a whole, its beginning only where a star says so, and a
// capability that no mapping fits gives nothing.
func TestUnmapped(t *testing.T) {
	for name, want := range map[string][]string{
		"Admin": {"storefront"}, "adminX": {"admin"}, "adminXY": {"admin"},
		"Administrate": nil, "admin": nil, "xadminX": nil, "AdminX": nil, "*": nil,
	} {
		ann := newAgent(t)
		record := ann.record()
		granted(name)(&record)
		a := authenticator(t, settings(register(record), func(s *agentjwt.Settings) {
			s.Scopes = []agentjwt.Mapping{{Capability: "Admin", Scope: "storefront"}, {Capability: "adminX*", Scope: "admin"}}
		}))
		caller, err := ask(t.Context(), a, ann.sign(t, head(), good()))
		if diff := cmp.Diff(caller.Scopes, want); err != nil || diff != "" {
			t.Errorf("%s: %v (-got +want):\n%s", name, err, diff)
		}
	}
}

// TestTenant is P05 and P06: the record's tenant, if the user is a member of it now; else
// the earliest membership; else none.
func TestTenant(t *testing.T) {
	for _, row := range []struct {
		name, user, tenant string
		want               authz.Caller
	}{
		{"P05/metadata A", "ann", "A", authz.Caller{Tenant: "A", Role: "owner", Settled: true}},
		{"P05/metadata B", "ann", "B", authz.Caller{Tenant: "B", Role: "member", Settled: true}},
		{"P06/no metadata", "ann", "", authz.Caller{Tenant: "A", Role: "owner", Settled: true}},
		{"P06/no organization", "eve", "", authz.Caller{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			ann := newAgent(t)
			record := ann.record()
			record.User, record.Tenant = row.user, row.tenant
			a := authenticator(t, settings(register(record)))
			for i := range 100 {
				caller, err := ask(t.Context(), a, ann.claiming(t, "jti", strconv.Itoa(i)))
				got := authz.Caller{Tenant: caller.Tenant, Role: caller.Role, Settled: caller.Settled}
				if diff := cmp.Diff(got, row.want); err != nil || diff != "" || caller.User != row.user {
					t.Fatalf("%v (-got +want):\n%s", err, diff)
				}
				if row.want.Tenant == "" && len(caller.Scopes) > 0 {
					t.Fatalf("scopes %v of a member of nothing", caller.Scopes)
				}
			}
		})
	}
}
