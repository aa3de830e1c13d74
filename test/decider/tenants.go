package decider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
)

const (
	// tenantCount is how many tenants there are, each with a caller of its own.
	tenantCount = 100
	// TenantCases is how many there are: each caller at each tenant, in each matrix.
	TenantCases = tenantCount * tenantCount * tenantMatrices
	// tenantStride goes through all of them so that each stretch has some of each
	// matrix, and of the diagonals.
	tenantStride   = 10_303
	tenantMatrices = 4
)

// Tenants is the program with many tenants, of which each has one caller of each sort
// (T-C15): only the caller of a tenant passes there.
type Tenants struct {
	program
	tokens  []string
	issuers []signer
	people  signer
}

// TenantSetting is what Tenants are begun with.
type TenantSetting struct {
	// Program is the file of the program, Dir an empty folder.
	Program, Dir string
	// Change, unless nil, changes the configuration that the program is given.
	Change func(configuration string) string
}

// BeginTenants starts the program. It runs until Close.
func BeginTenants(ctx context.Context, s TenantSetting) (*Tenants, error) {
	t := &Tenants{}
	files, err := t.prepare(ctx, s.Dir)
	if err == nil {
		if s.Change != nil {
			files[config] = s.Change(files[config])
		}
		err = t.start(ctx, s.Program, s.Dir, files)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// prepare makes a token of the store for each tenant, whose person is a member there
// and nowhere else, an issuer for each, and one who speaks for people of all.
func (t *Tenants) prepare(ctx context.Context, dir string) (files map[string]string, err error) {
	store, err := openStored(ctx, dir)
	if err != nil {
		return nil, err
	}
	for i := range tenantCount {
		err = errors.Join(err, t.settle(ctx, store, i))
	}
	if err = errors.Join(err, store.close()); err != nil {
		return nil, err
	}
	if t.people, err = newSigner("k1"); err != nil {
		return nil, err
	}
	files = map[string]string{"server.key": serverKey, jwtFile: string(t.people.published()), config: tenantConfiguration()}
	for i := range tenantCount {
		issuer, err := newSigner("k1") // of all the same id
		if err != nil {
			return nil, err
		}
		t.issuers = append(t.issuers, issuer)
		files[fmt.Sprintf("keys%d.json", i)] = string(issuer.published())
	}
	return files, nil
}

func tenant(i int) string { return "t" + strconv.Itoa(i) }
func person(i int) string { return "person" + strconv.Itoa(i) }
func issuer(i int) string { return jwtIssuer + "/" + strconv.Itoa(i) }

func (t *Tenants) settle(ctx context.Context, store *stored, i int) error {
	secret, ref, err := tokenform.Mint(tokenPrefix)
	if err != nil {
		return fmt.Errorf("make a token: %w", err)
	}
	t.tokens = append(t.tokens, secret.Reveal())
	_, errOrganization := store.apply(ctx, authz.PutOrganization{Organization: authz.Organization{ID: tenant(i)}})
	_, errMember := store.apply(ctx, authz.PutMember{Membership: authz.Membership{Organization: tenant(i), Subject: person(i)}})
	token := authz.Token{Ref: ref, Grant: authz.Grant{Subject: person(i), Tenant: tenant(i)}}
	return errors.Join(errOrganization, errMember, store.token(ctx, Valid, secret, token))
}

// tenantConfiguration has one host block for what the store knows, one for people whose
// issuer lets them claim any tenant, and one a tenant for its own issuer.
func tenantConfiguration() string {
	var known, hosts strings.Builder
	for i := range tenantCount {
		fmt.Fprintf(&known, "  - {name: issuer%d, jwt: {issuer: %q, audiences: [%q], jwks_file: 'file:keys%d.json', claims: {tenant: org}}}\n", i, issuer(i), jwtAudience, i)
		fmt.Fprintf(&hosts, "  - {name: %s, match: [%s.test], authenticators: [issuer%d], membership: none, routes: [{id: %s, methods: [GET], path: /own}]}\n", tenant(i), tenant(i), i, tenant(i))
	}
	return preamble + fmt.Sprintf(`authenticators:
  - {name: token, token: {prefixes: [%s]}}
  - {name: people, jwt: {issuer: %q, audiences: [%q], jwks_file: 'file:%s', claims: {tenant: org}}}
`, tokenPrefix, jwtIssuer, jwtAudience, jwtFile) + known.String() + `hosts:
  - name: api
    match: [api.test]
    authenticators: [token, people]
    routes:
      - {methods: [GET], path: "/policy/{org}", tenant: "path:org", membership: none}
      - {methods: [GET], path: "/member/{org}", tenant: "path:org"}
` + hosts.String()
}

// Try asks about one caller at one tenant, and again later. The error is the first
// difference, of this case or of one before it.
func (t *Tenants) Try(ctx context.Context, seed, number uint64) error {
	d := digits(number % TenantCases * tenantStride % TenantCases)
	matrix, caller, of := d.next(tenantMatrices), d.next(tenantCount), d.next(tenantCount)
	http, want, err := t.request(matrix, caller, of, rand.New(rand.NewPCG(seed, number)))
	if err != nil {
		return err
	}
	times := 0
	return t.again.twice(ctx, func(ctx context.Context) error {
		times++
		answer, err := t.ask(ctx, http, Address(0))
		if got := outcomeOf(answer); err != nil || got != want {
			return errors.Join(err, fmt.Errorf("case %d, matrix %d, the caller of %s at %s, asked for the %d. time: got %+v, want %+v", number, matrix, tenant(caller), tenant(of), times, got, want))
		}
		t.seen.count(want)
		return nil
	})
}

// request is what one caller asks one tenant for, and what has to come of it.
func (t *Tenants) request(matrix, caller, of int, r *rand.Rand) (http *authv3.AttributeContext_HttpRequest, want Outcome, err error) {
	host, path, token := "api.test", "/policy/"+tenant(of), t.tokens[caller]
	passes, refused := Outcome{Status: 200, Word: "token", Subject: person(caller), Tenant: tenant(of)}, Outcome{Status: 403, Reason: "tenant"}
	switch matrix {
	case 0: // whose the token is
	case 1: // of what its person is a member
		path = "/member/" + tenant(of)
	case 2: // people claim the tenant that they ask, and are members of their own
		path, passes.Word = "/member/"+tenant(of), "people"
		token, err = t.people.sign("JWT", claims(jwtIssuer, person(caller), tenant(of)))
	default: // the same person, by the key of either tenant, under the name of either issuer
		host, path = tenant(of)+".test", "/own"
		passes.Word, passes.Subject, refused = "issuer"+strconv.Itoa(of), "ann", Outcome{Status: 401, Reason: "rejected"}
		from := one(r, [][2]int{{caller, caller}, {caller, of}, {of, caller}})
		token, err = t.issuers[from[0]].sign("JWT", claims(issuer(from[1]), "ann", tenant(of)))
	}
	if caller != of {
		passes = refused
	}
	return &authv3.AttributeContext_HttpRequest{
		Method: "GET", Host: host, Path: path, Scheme: "https", Protocol: "HTTP/2", Headers: map[string]string{"authorization": "Bearer " + token},
	}, passes, err
}

func claims(issuer, subject, tenant string) map[string]any {
	return map[string]any{"iss": issuer, "aud": jwtAudience, "sub": subject, "org": tenant, "exp": time.Now().Add(time.Hour).Unix()}
}
