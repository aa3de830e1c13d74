package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
	"github.com/sallyport-authz/sallyport/authz/authn/host"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/authz/rego"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
	"github.com/sallyport-authz/sallyport/authz/tenant"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// stadium is what racesConfiguration says, in this process and over a store in memory.
// What makes changes has a fault while a race is run.
type stadium struct {
	authorizer *authz.Authorizer
	client     *admin.Client
	racing     atomic.Bool
	late       lateness
}

// fault makes a faulty Applier, with what it does after it has returned.
type fault func(engine authz.Applier, changes *authz.Changes, late *lateness) authz.Applier

// soon is long enough for chasers to see what was true before, or is not yet.
const soon = 50 * time.Millisecond

// lateness is done soon after a change has returned to whoever asked for it.
type lateness struct {
	mu   sync.Mutex
	do   []func()
	done sync.WaitGroup
}

func (l *lateness) put(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.do = append(l.do, do)
}

func (l *lateness) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, do := range l.do {
		l.done.Go(func() { time.Sleep(soon); do() })
	}
	l.do = nil
}

// newStadium serves administration on a socket.
func newStadium(t *testing.T, plant fault) *stadium {
	t.Helper()
	store, changes := storetest.NewMemory(time.Now), &authz.Changes{}
	s := &stadium{authorizer: newContestAuthorizer(t, store, changes)}
	sound, planted := admin.NewApplier(store, changes), plant(store, changes, &s.late)
	server, err := admin.NewServer(admin.Settings{
		Applier: applied(func(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
			act := authz.Act{Actor: "torture", Origin: "cli"}
			if s.racing.Load() {
				return planted.Apply(ctx, act, change)
			}
			return sound.Apply(ctx, act, change)
		}),
		Lister: store, Tokens: store, Principals: store, Auditor: store, Minter: maker{}, Hasher: maker{}, Importer: importer{}, Keys: maker{},
		Owner: admin.CurrentUser(), Logger: slog.New(slog.DiscardHandler),
	})
	fatal(t, err)
	folder := t.TempDir()
	const private = 0o700
	fatal(t, os.Chmod(folder, private))
	listener, err := admin.Listen(folder)
	fatal(t, err)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	s.client, err = admin.Dial(t.Context(), folder)
	fatal(t, err)
	t.Cleanup(func() {
		fatal(t, s.client.Close())
		fatal(t, server.Shutdown(context.Background()))
		fatal(t, <-done)
	})
	return s
}

// race runs one contest as the campaign does, but for the fault. All are warm.
func (s *stadium) race(t *testing.T, number int, kind contest) error {
	t.Helper()
	runner := &contestant{client: s.client, name: fmt.Sprint("r", number), random: random(1, uint64(number))}
	c, err := kind.chase(t.Context(), runner, s.ask)
	fatal(t, err)
	c.warm, c.lead = true, time.Millisecond
	turn := c.turn
	c.turn = func(ctx context.Context) error {
		s.racing.Store(true)
		defer s.late.begin()
		defer s.racing.Store(false)
		return turn(ctx)
	}
	defer s.late.done.Wait()
	return c.run(t.Context(), &chased{})
}

func (s *stadium) ask(ctx context.Context, q question) (reply, error) {
	time.Sleep(time.Millisecond / 4) // whoever makes the change is in this process, too
	request := &authz.Request{Method: "GET", Host: "api.example.com", Path: "/key"}
	if q.host != "" {
		request.Host = q.host
	}
	if q.path != "" {
		request.Path = q.path
	}
	if q.shows != "" {
		request.Headers.List = []authz.Header{{Name: "authorization", Value: q.shows}}
	}
	verdict := s.authorizer.Check(ctx, &authz.Attributes{Request: request})
	if verdict.Effect == authz.Allow {
		return reply{status: 200}, nil
	}
	got := reply{status: verdict.Status, reason: verdict.Reason}
	for _, header := range verdict.Headers {
		if header.Name == "retry-after" {
			got.retry = header.Value
		}
	}
	return got, nil
}

// maker makes tokens that are kept as a digest. Nothing else is made in contests.
type maker struct{}

func (maker) Mint(_ context.Context, prefix string) (authz.Secret, authz.TokenRef, string, error) {
	secret, ref, err := tokenform.Mint(prefix)
	digest := sha256.Sum256([]byte(secret.Reveal()))
	return secret, ref, "$sha256$" + hex.EncodeToString(digest[:]), err
}

func (maker) Makes(ref authz.TokenRef) bool { return tokenform.CheckID(ref.Prefix, ref.Lookup) == nil }

func (maker) Password(context.Context, authz.Secret) (string, error) { return "", authz.ErrInvalid }

func (maker) ServerKeys(context.Context) ([]admin.KeyUse, error) { return nil, nil }

type importer struct{}

func (importer) Token(scheme string, ref authz.TokenRef, kept authz.Secret) (authz.TokenRef, string, error) {
	return ref, "$" + scheme + "$" + kept.Reveal(), nil
}

func (importer) Password(kept authz.Secret) (string, error) {
	return verifier.ImportPassword(kept.Reveal())
}

// newContestAuthorizer remembers verdicts about whom the store knows in any way.
func newContestAuthorizer(t *testing.T, store *storetest.Memory, changes *authz.Changes) *authz.Authorizer {
	t.Helper()
	known := contestKinds(t, store)
	members := tenant.NewMembers(tenant.MemberSettings{Store: store})
	var carriers []authz.Carrier
	for _, one := range known {
		carriers = append(carriers, one.Carriers...)
	}
	claims, err := authz.NewClaims(carriers, known)
	fatal(t, err)
	rule := func(path, source string, belonging authz.Belonging, accept ...*authz.Configured) route.Rule {
		operation := &authz.Route{
			Kind: authz.Operation, ID: path, Host: "api", Method: "GET", Template: path, Claims: claims,
			Accept: [][]*authz.Configured{accept}, Scopes: []string{"read"}, Belonging: belonging,
		}
		operation.Tenant, err = tenant.Parse(source, nil)
		fatal(t, err)
		operation.Plan, err = onekey.Plans(keyplan.NewKeys())(operation, authz.NewHidden(carriers))
		fatal(t, err)
		return route.Rule{Method: "GET", Template: path, Route: operation}
	}
	table, err := route.New(route.Spec{Unknown: &authz.Route{Claims: claims}, Hosts: []route.Host{{
		Name: "api", Patterns: []string{"*"}, NoRoute: &authz.Route{Claims: claims},
		Rules: []route.Rule{
			rule("/key", "none", nil, known[0], known[1]), rule("/member", "caller", members, known[0], known[1]), rule("/shop", "caller", members, known[2]),
		},
	}}})
	fatal(t, err)
	policy, err := rego.New(t.Context(), rego.Settings{Scopes: []string{"read", "write"}, Timeout: answerTime})
	fatal(t, err)
	authorizer, err := authz.NewAuthorizer(authz.Limits{InFlight: 64, Timeout: answerTime, Margin: time.Millisecond}, time.Now)
	fatal(t, err)
	fatal(t, authorizer.Remembering(&onekey.Shelf{}, changes))
	authorizer.Swap(authz.NewSnapshot(authz.Snapshot{
		Generation: 1, Router: table, Policy: policy, Carriers: carriers, Life: authz.Life{Allow: time.Hour, Deny: time.Hour},
	}))
	return authorizer
}

// contestKinds know tokens, machines with a password and shops.
func contestKinds(t *testing.T, store *storetest.Memory) []*authz.Configured {
	t.Helper()
	const fewest = 1000
	key, err := verifier.NewKey("k1", strings.Repeat("0123456789abcdef", 4))
	fatal(t, err)
	proving, err := verifier.New(verifier.Settings{Keys: []verifier.Key{key}, ByAddress: endless{}, ByAccount: endless{}, Rounds: fewest}, time.Now)
	fatal(t, err)
	tokens, err := token.New(token.Settings{Store: store, Verifier: proving, Now: time.Now, Forms: []token.Form{
		{Prefix: "mbz_", Parse: tokenform.Parse}, {Prefix: "pfy_", Parse: tokenform.Parse},
	}})
	fatal(t, err)
	passwords, err := basic.New(basic.Settings{Kinds: []authz.PrincipalKind{authz.Machine}, Store: store, Verifier: proving})
	fatal(t, err)
	shop, err := host.New(host.Settings{Scopes: []string{"read"}, Domains: store})
	fatal(t, err)
	return []*authz.Configured{
		{Name: "token", Kind: "token", Word: "token", Traits: tokens.Traits(), Authenticator: tokens},
		{Name: "basic", Kind: "basic", Word: "basic", Traits: passwords.Traits(), Authenticator: passwords},
		{Name: "shop", Kind: "host", Word: "shop", Traits: shop.Traits(), Authenticator: shop},
	}
}
