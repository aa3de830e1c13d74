package tenant_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tenant"
)

// Guards: the empty cases of fromCaller, fromPath and fromQuery, without which
// a request of no tenant passes for one of tenant ""; len(values) > 1 in
// fromQuery, without which the first of two values decides.
func TestTenant(t *testing.T) {
	acme := authz.Caller{Tenant: "acme"}
	params := func(value string) authz.Match {
		return authz.Match{Params: []authz.Param{{Name: "id", Value: "7"}, {Name: "org", Value: value}}}
	}
	query := func(values ...string) authz.Match {
		return authz.Match{Query: map[string][]string{"org": values, "other": {"x"}}}
	}
	for _, c := range []struct {
		name, source string
		match        authz.Match
		caller       authz.Caller
		want         string
		wantErr      error
	}{
		{"caller", "caller", params("globex"), acme, "acme", nil},
		{"caller is the default", "", params("globex"), acme, "acme", nil},
		{"caller without a tenant", "caller", params("globex"), authz.Caller{}, "", authz.ErrNoTenant},
		{"none", "none", params("globex"), acme, "", nil},
		{"path", "path:org", params("globex"), acme, "globex", nil},
		{"path, empty", "path:org", params(""), acme, "", authz.ErrNoTenant},
		{"path, not matched", "path:org", authz.Match{}, acme, "", authz.ErrNoTenant},
		{"query", "query:org", query("globex"), acme, "globex", nil},
		{"query, empty", "query:org", query(""), acme, "", authz.ErrNoTenant},
		{"query, absent", "query:org", authz.Match{}, acme, "", authz.ErrNoTenant},
		{"query, two values", "query:org", query("acme", "globex"), acme, "", authz.ErrAmbiguous},
		{"query, one value twice", "query:org", query("acme", "acme"), acme, "", authz.ErrAmbiguous},
		{"query, names keep their case", "query:Org", query("acme"), acme, "", authz.ErrNoTenant},
	} {
		t.Run(c.name, func(t *testing.T) {
			source, err := tenant.Parse(c.source, []string{"id", "org"})
			if err != nil {
				t.Fatalf("Parse: %v", err)
			}
			got, err := source.Tenant(&authz.Attributes{}, c.match, c.caller)
			if got != c.want || !errors.Is(err, c.wantErr) {
				t.Errorf("Tenant = %q, error %v, want %q, error %v", got, err, c.want, c.wantErr)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, source string }{
		{"parameter that the path does not have", "path:tenant"},
		{"path without a name", "path:"},
		{"path alone", "path"},
		{"query without a name", "query:"},
		{"query alone", "query"},
		{"query parameter that holds credentials", "query:access_token"},
		{"header", "header:x-tenant"},
		{"caller with a name", "caller:org"},
		{"none with a name", "none:"},
		{"other case", "Caller"},
		{"space", " caller"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if source, err := tenant.Parse(c.source, []string{"org"}); err == nil {
				t.Errorf("Parse(%q) = %T, want an error", c.source, source)
			}
		})
	}
}

func TestReads(t *testing.T) {
	for source, want := range map[string]authz.Reads{
		"caller": nil, "none": nil, "path:org": {authz.FieldPath}, "query:org": {authz.FieldQuery},
	} {
		parsed, err := tenant.Parse(source, []string{"org"})
		if err != nil {
			t.Fatalf("Parse: %v", err)
		}
		if diff := cmp.Diff(want, parsed.Reads()); diff != "" {
			t.Errorf("Reads of %s (-want +got):\n%s", source, diff)
		}
	}
}
