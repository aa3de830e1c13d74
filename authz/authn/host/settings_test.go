package host_test

import (
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/authn/host"
)

// TestNewRefuses: settings under which one host would be two tenants', or a
// tenant would have a host that is nobody's to give. Each row names in want
// what its own guard in settings.go says.
func TestNewRefuses(t *testing.T) {
	domains := func(names ...string) []host.Domain {
		var all []host.Domain
		for _, name := range names {
			all = append(all, host.Domain{Name: name, Verified: true})
		}
		return all
	}
	for _, test := range []struct {
		name    string
		tenants []host.Tenant
		want    string
	}{
		{"no tenants", nil, "no tenants"},
		{"empty tenant", []host.Tenant{{Slug: "acme"}}, "tenant is empty"},
		{"tenant with a line break", []host.Tenant{{Tenant: "A\n", Slug: "acme"}}, "visible"},
		{"tenant twice", []host.Tenant{{Tenant: "A", Slug: "a"}, {Tenant: "A", Slug: "b"}}, "stands twice"},
		{"tenant without a host", []host.Tenant{{Tenant: "A"}}, "neither"},
		{"slug twice", []host.Tenant{{Tenant: "A", Slug: "acme"}, {Tenant: "B", Slug: "acme"}}, "already"},
		{"reserved slug", []host.Tenant{{Tenant: "A", Slug: "api"}}, "reserved"},
		{"slug of two labels", []host.Tenant{{Tenant: "A", Slug: "a.b"}}, "one label"},
		{"slug in capitals", []host.Tenant{{Tenant: "A", Slug: "Acme"}}, "one label"},
		{"slug with an outer hyphen", []host.Tenant{{Tenant: "A", Slug: "-acme"}}, "one label"},
		{"domain twice", []host.Tenant{{Tenant: "A", Domains: domains("x.test")}, {Tenant: "B", Domains: domains("x.test")}}, "already"},
		{"domain twice, once unverified", []host.Tenant{{Tenant: "A", Domains: []host.Domain{{Name: "x.test"}}}, {Tenant: "B", Domains: domains("x.test")}}, "already"},
		{"the platform as a domain", []host.Tenant{{Tenant: "A", Domains: domains("prood.app")}}, "platform's"},
		{"domain under the platform", []host.Tenant{{Tenant: "A", Domains: domains("b.prood.app")}}, "platform's"},
		{"domain in capitals", []host.Tenant{{Tenant: "A", Domains: domains("X.test")}}, "canonical"},
		{"domain with a port", []host.Tenant{{Tenant: "A", Domains: domains("x.test:443")}}, "canonical"},
		{"domain with a trailing dot", []host.Tenant{{Tenant: "A", Domains: domains("x.test.")}}, "canonical"},
		{"domain that is none", []host.Tenant{{Tenant: "A", Domains: domains("*.x.test")}}, "no host name"},
		{"empty domain", []host.Tenant{{Tenant: "A", Domains: domains("")}}, "no host name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := settings()
			s.Tenants = test.tenants
			wantRefused(t, s, test.want)
		})
	}
}

func TestNewRefusesSettings(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*host.Settings)
		want   string
	}{
		{"slug without a platform", func(s *host.Settings) { s.Platform = "" }, "needs a platform"},
		{"platform in capitals", func(s *host.Settings) { s.Platform = "Prood.app" }, "canonical"},
		{"platform that is none", func(s *host.Settings) { s.Platform = ".prood.app" }, "no host name"},
		{"reserved slug in capitals", func(s *host.Settings) { s.Reserved = []string{"WWW"} }, "one label"},
		{"scope with a space", func(s *host.Settings) { s.Scopes = []string{"a b"} }, "scope"},
		{"empty scope", func(s *host.Settings) { s.Scopes = []string{""} }, "scope"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := settings()
			test.change(&s)
			wantRefused(t, s, test.want)
		})
	}
}

func wantRefused(t *testing.T, s host.Settings, want string) {
	t.Helper()
	a, err := host.New(s)
	if err == nil || a != nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error about %q", err, want)
	}
}
