package onekey

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/authn/host"
	"github.com/sallyport-authz/sallyport/authz/keylist"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/authz/rego"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/authz/tenant"
)

// Planner makes the key plan of a route.
type Planner func(*authz.Route, authz.Hidden) (authz.KeyPlan, error)

// Plans are those that the program makes.
func Plans(keys *keyplan.Keys) Planner {
	return func(r *authz.Route, hidden authz.Hidden) (authz.KeyPlan, error) {
		return keyplan.New(keys, r, authz.WholeInput(), hidden)
	}
}

// World is what a snapshot is made of. Dir takes the rule's file; Revocations may be
// nil. Stored, unless nil, knows all callers, and who is a member of which tenant.
type World struct {
	Dir, Rule   string
	Planned     Planner
	Revocations *Revocations
	Stored      *Stored
}

// Build makes a snapshot in which credentials meet in many ways: two headers, of
// which one is not accepted everywhere, and a host.
func (w World) Build(ctx context.Context) (*authz.Snapshot, error) {
	file := filepath.Join(w.Dir, "custom.rego")
	if err := os.WriteFile(file, []byte(Module(w.Rule)), 0o600); err != nil {
		return nil, fmt.Errorf("write policy: %w", err)
	}
	policy, err := rego.New(ctx, rego.Settings{Paths: []string{file}, Timeout: time.Minute, Scopes: []string{"read", "write"}})
	if err != nil {
		return nil, fmt.Errorf("compile policy: %w", err)
	}
	known, belonging, err := w.callers()
	if err != nil {
		return nil, err
	}
	if w.Revocations != nil {
		for _, configured := range []*authz.Configured{known.key, known.bearer} {
			configured.Authenticator = revocable{configured.Authenticator, w.Revocations}
		}
	}
	b := &builder{known: known, hidden: authz.NewHidden(known.carriers()), planned: w.Planned, belonging: belonging}
	table, err := b.table()
	if err != nil {
		return nil, err
	}
	return authz.NewSnapshot(authz.Snapshot{
		Generation: 1, Router: table, Policy: policy, Carriers: known.carriers(),
		Life: authz.Life{Allow: time.Hour, Deny: time.Hour},
	}), nil
}

func (w World) callers() (callers, authz.Belonging, error) {
	if w.Stored == nil {
		known, err := authenticators()
		return known, nil, err
	}
	known, err := w.Stored.callers()
	return known, w.Stored.members(), err
}

// callers are the configured authenticators.
type callers struct {
	key, bearer, shop *authz.Configured
	// people are nil where nobody has a password.
	people *authz.Configured
}

func (c callers) all() []*authz.Configured { return append(c.secrets(), c.shop) }

// secrets are those who present one.
func (c callers) secrets() []*authz.Configured {
	if c.people == nil {
		return []*authz.Configured{c.key, c.bearer}
	}
	return []*authz.Configured{c.key, c.bearer, c.people}
}

func (c callers) carriers() []authz.Carrier {
	var carriers []authz.Carrier
	for _, configured := range c.all() {
		carriers = append(carriers, configured.Carriers...)
	}
	return carriers
}

func authenticators() (callers, error) {
	ann := keylist.Key{ID: "ann", Digest: keylist.Digest(AnnKey), Caller: authz.Caller{Tenant: "a", Scopes: []string{"read"}}}
	bob := keylist.Key{ID: "bob", Digest: keylist.Digest(BobKey), Caller: authz.Caller{Tenant: "b", Scopes: []string{"read", "write"}}}
	key, err := apikey.New(apikey.Settings{Keys: []keylist.Key{ann, bob}}, time.Now)
	if err != nil {
		return callers{}, fmt.Errorf("make key: %w", err)
	}
	bearer, err := apikey.New(apikey.Settings{Header: "authorization", Keys: []keylist.Key{ann}}, time.Now)
	if err != nil {
		return callers{}, fmt.Errorf("make bearer: %w", err)
	}
	shop, err := host.New(host.Settings{
		Scopes:  []string{"read"},
		Tenants: []host.Tenant{{Tenant: "a", Domains: []host.Domain{{Name: "a.example", Verified: true}}}},
	})
	if err != nil {
		return callers{}, fmt.Errorf("make shop: %w", err)
	}
	return callers{
		key:    &authz.Configured{Name: "key", Kind: "apikey", Word: "key", Traits: key.Traits(), Authenticator: key},
		bearer: &authz.Configured{Name: "bearer", Kind: "apikey", Word: "bearer", Traits: bearer.Traits(), Authenticator: bearer},
		shop:   &authz.Configured{Name: "shop", Kind: "host", Word: "shop", Traits: shop.Traits(), Authenticator: shop},
	}, nil
}

// builder makes the routes.
type builder struct {
	known     callers
	hidden    authz.Hidden
	planned   Planner
	belonging authz.Belonging
	errs      []error
}

func (b *builder) table() (*route.Table, error) {
	claims, err := authz.NewClaims(b.known.carriers(), b.known.all())
	if err != nil {
		return nil, fmt.Errorf("settle claims: %w", err)
	}
	key, shop, secrets := b.known.key, b.known.shop, b.known.secrets()
	groups := func(list ...[]*authz.Configured) [][]*authz.Configured { return list }
	group := func(list ...*authz.Configured) []*authz.Configured { return list }
	spec := route.Spec{
		Unknown: &authz.Route{Claims: claims},
		Hosts: []route.Host{{
			Name: "all", Patterns: []string{"*"},
			NoRoute: b.route(authz.Route{Kind: authz.NothingDeclared, Claims: claims, Accept: groups(secrets, group(shop))}, ""),
			Rules: []route.Rule{
				b.rule("GET", "/x/{id}", "caller", authz.Route{Claims: claims, Accept: groups(group(key), group(shop)), Scopes: []string{"read"}, Unclaimed: authz.Ignore}),
				b.rule("POST", "/x/{id}", "caller", authz.Route{Claims: claims, Accept: groups(secrets), Scopes: []string{"write"}}),
				b.rule("GET", "/t/{org}", "path:org", authz.Route{Claims: claims, Accept: groups(group(key))}),
				b.rule("GET", "/q", "query:org", authz.Route{Claims: claims, Accept: groups(secrets), Unclaimed: authz.Ignore}),
			},
		}},
	}
	if len(b.errs) > 0 {
		return nil, b.errs[0]
	}
	return route.New(spec)
}

func (b *builder) rule(method, template, source string, r authz.Route) route.Rule {
	r.Kind, r.Host, r.Method, r.Template, r.ID = authz.Operation, "all", method, template, method+" "+template
	r.Belonging = b.belonging
	return route.Rule{Method: method, Template: template, Route: b.route(r, source)}
}

func (b *builder) route(r authz.Route, source string) *authz.Route {
	if source != "" {
		found, err := tenant.Parse(source, []string{"org", "id"})
		if err != nil {
			b.errs = append(b.errs, err)
		}
		r.Tenant = found
	}
	plan, err := b.planned(&r, b.hidden)
	if err != nil {
		b.errs = append(b.errs, err)
	}
	r.Plan = plan
	return &r
}
