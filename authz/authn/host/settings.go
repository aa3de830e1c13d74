package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// Settings say which hosts are whose.
type Settings struct {
	// Platform is the domain under which slugs are; "" where there are none.
	Platform string
	// Reserved are slugs that no tenant may have.
	Reserved []string
	// Scopes are those of every caller.
	Scopes  []string
	Tenants []Tenant
	// Domains, unless nil, knows further hosts, which change while we run: custom
	// domains, and slugs by their whole names.
	Domains Domains
}

// Domains is a store's own list of domains. Its error is authz.ErrNotFound or
// "could not tell".
type Domains interface {
	Domain(ctx context.Context, name string) (authz.Domain, error)
}

// Tenant is one tenant with its hosts.
type Tenant struct {
	Tenant string
	// Slug is the label before the platform's domain; "" is none.
	Slug    string
	Domains []Domain
}

// Domain is a custom domain. It counts only once its owner is verified: anybody
// can point a name of their own here, or claim one of somebody else.
type Domain struct {
	Name     string
	Verified bool
}

// owners collects who has which host, and refuses the second one.
type owners struct {
	settings Settings
	owner    map[string]string
	callers  map[string]authz.Caller
}

func (s Settings) owners() (owners, error) {
	if err := s.check(); err != nil {
		return owners{}, err
	}
	s.Scopes = slices.Clone(s.Scopes)
	o := owners{settings: s, owner: map[string]string{}, callers: map[string]authz.Caller{}}
	known := map[string]bool{}
	for i, tenant := range s.Tenants {
		if known[tenant.Tenant] {
			return owners{}, fmt.Errorf("tenant %d: %q stands twice", i+1, tenant.Tenant)
		}
		known[tenant.Tenant] = true
		if err := o.add(tenant); err != nil {
			return owners{}, fmt.Errorf("tenant %d (%q): %w", i+1, tenant.Tenant, err)
		}
	}
	return o, nil
}

func (s Settings) check() error {
	if len(s.Tenants) == 0 && s.Domains == nil {
		return errors.New("there are no tenants")
	}
	if s.Platform != "" {
		if err := canonical(s.Platform); err != nil {
			return fmt.Errorf("platform: %w", err)
		}
	}
	for _, slug := range s.Reserved {
		if !isLabel(slug) {
			return fmt.Errorf("reserved slug %q is not one label in lower case", slug)
		}
	}
	for _, scope := range s.Scopes {
		if scope == "" || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return fmt.Errorf("scope %q is empty or not of visible ASCII characters", scope)
		}
	}
	return nil
}

func (o owners) add(t Tenant) error {
	switch {
	case t.Tenant == "" || strings.ContainsFunc(t.Tenant, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return errors.New("the tenant is empty or not of visible ASCII characters")
	case t.Slug == "" && len(t.Domains) == 0:
		return errors.New("there is neither a slug nor a domain")
	}
	if err := o.addSlug(t); err != nil {
		return err
	}
	for _, domain := range t.Domains {
		if err := o.addDomain(t, domain); err != nil {
			return err
		}
	}
	return nil
}

func (o owners) addSlug(t Tenant) error {
	switch {
	case t.Slug == "":
		return nil
	case o.settings.Platform == "":
		return fmt.Errorf("slug %q needs a platform", t.Slug)
	case !isLabel(t.Slug):
		return fmt.Errorf("slug %q is not one label in lower case", t.Slug)
	case slices.Contains(o.settings.Reserved, t.Slug):
		return fmt.Errorf("slug %q is reserved", t.Slug)
	}
	return o.own(t, t.Slug+"."+o.settings.Platform, true)
}

// platforms reports a name that is the platform's to give.
func (s Settings) platforms(name string) bool {
	return s.Platform != "" && (name == s.Platform || strings.HasSuffix(name, "."+s.Platform))
}

// leaves reports a name that a store may give to a tenant: any that is not the
// platform's, and of the platform's one label that is not reserved.
func (s Settings) leaves(name string) bool {
	if !s.platforms(name) {
		return true
	}
	slug, below := strings.CutSuffix(name, "."+s.Platform)
	return below && isLabel(slug) && !slices.Contains(s.Reserved, slug)
}

func (o owners) addDomain(t Tenant, domain Domain) error {
	if err := canonical(domain.Name); err != nil {
		return fmt.Errorf("domain: %w", err)
	}
	if o.settings.platforms(domain.Name) {
		return fmt.Errorf("domain %q is the platform's", domain.Name)
	}
	return o.own(t, domain.Name, domain.Verified)
}

// own gives the host to one tenant. An unverified one has an owner too, so that
// verifying it cannot take it from another, and no caller.
func (o owners) own(t Tenant, host string, verified bool) error {
	if other, taken := o.owner[host]; taken {
		return fmt.Errorf("host %q is already of %q", host, other)
	}
	o.owner[host] = t.Tenant
	if verified {
		o.callers[host] = authz.Caller{Tenant: t.Tenant, Settled: true, Scopes: slices.Clone(o.settings.Scopes)}
	}
	return nil
}

// canonical refuses every spelling but the one that requests are compared by.
func canonical(name string) error {
	parsed, err := authz.ParseHost(name)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no host name", name)
	case parsed != name:
		return fmt.Errorf("%q is not in its canonical form: write %q", name, parsed)
	default:
		return nil
	}
}

// isLabel is a label of RFC 1123 section 2.1 in lower case; punycode is one.
func isLabel(text string) bool {
	if text == "" || len(text) > 63 || text[0] == '-' || text[len(text)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-')
	})
}
