package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/authz/rego"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
	"github.com/sallyport-authz/sallyport/authz/tenant"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// applied is an Applier of one function.
type applied func(context.Context, authz.Mutation) (authz.Applied, error)

func (a applied) Apply(ctx context.Context, _ authz.Act, change authz.Mutation) (authz.Applied, error) {
	return a(ctx, change)
}

// A chase that finds no planted fault proves nothing. Each is an order of commit, tick
// and return that the admin room's Applier does not have.
func TestChaseFindsWrongOrders(t *testing.T) {
	const soon = 100 * time.Millisecond
	for _, c := range []struct {
		name  string
		plant func(authz.Applier, *authz.Changes) authz.Applier
		found bool
	}{
		{"commit, tick, return", func(engine authz.Applier, changes *authz.Changes) authz.Applier {
			return admin.NewApplier(engine, changes)
		}, false},
		{"commit, return", func(engine authz.Applier, _ *authz.Changes) authz.Applier { return engine }, true},
		{"commit, return, tick", func(engine authz.Applier, changes *authz.Changes) authz.Applier {
			return applied(func(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
				made, err := engine.Apply(ctx, authz.Act{Actor: "torture", Origin: "cli"}, change)
				time.AfterFunc(soon, func() { changes.ApplyAll() })
				return made, err
			})
		}, true},
		{"tick, commit, return", func(engine authz.Applier, changes *authz.Changes) authz.Applier {
			return applied(func(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
				changes.ApplyAll()
				time.Sleep(soon) // in which somebody remembers what was true before
				return engine.Apply(ctx, authz.Act{Actor: "torture", Origin: "cli"}, change)
			})
		}, true},
		{"return, commit, tick", func(engine authz.Applier, changes *authz.Changes) authz.Applier {
			return applied(func(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
				time.AfterFunc(soon, func() {
					_, _ = admin.NewApplier(engine, changes).Apply(context.WithoutCancel(ctx), authz.Act{Actor: "torture", Origin: "cli"}, change)
				})
				return authz.Applied{}, nil
			})
		}, true},
	} {
		for _, grants := range []bool{false, true} {
			t.Run(c.name+map[bool]string{false: ", revoked", true: ", minted"}[grants], func(t *testing.T) {
				err := runPlanted(t, c.plant, grants)
				if (err != nil) != c.found || err != nil && !strings.Contains(err.Error(), "began after the change had returned") {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

// runPlanted races the revocation of a token, or its mint after a denial that is
// remembered, in an Authorizer of this process.
func runPlanted(t *testing.T, plant func(authz.Applier, *authz.Changes) authz.Applier, grants bool) error {
	t.Helper()
	store, changes := storetest.NewMemory(time.Now), &authz.Changes{}
	authorizer := newTokenAuthorizer(t, store, changes)
	secret, ref, err := tokenform.Mint("mbz_")
	if err != nil {
		t.Fatal(err)
	}
	mint := authz.MintToken{Token: authz.Token{Ref: ref, Verifier: secret.Reveal(), Grant: deedGrant()}}
	var change authz.Mutation = mint
	if !grants {
		if _, err := store.Apply(t.Context(), authz.Act{Actor: "torture", Origin: "cli"}, mint); err != nil {
			t.Fatal(err)
		}
		change = authz.RevokeToken{Ref: ref}
	}
	applier := plant(store, changes)
	headers := []authz.Header{{Name: "authorization", Value: "Bearer " + secret.Reveal()}}
	c := chase{
		grants: grants, warm: true, lead: time.Millisecond,
		ask: func(ctx context.Context) (int, error) {
			verdict := authorizer.Check(ctx, &authz.Attributes{Request: &authz.Request{Method: "GET", Host: "api.example.com", Path: "/key", Headers: authz.Headers{List: headers}}})
			return map[bool]int{true: 200, false: 401}[verdict.Effect == authz.Allow], nil
		},
		turn: func(ctx context.Context) error {
			_, err := applier.Apply(ctx, authz.Act{Actor: "torture", Origin: "cli"}, change)
			return err
		},
	}
	return c.run(t.Context(), &chased{})
}

// itself is a verifier of secrets that stand in the store: hashes are not what races.
type itself struct{}

func (itself) Verify(_ context.Context, a authz.Attempt) (authz.Proof, error) {
	return authz.Proof{OK: a.Verifier == a.Secret.Reveal()}, nil
}

// newTokenAuthorizer remembers verdicts about tokens of a store.
func newTokenAuthorizer(t *testing.T, store authz.TokenStore, changes *authz.Changes) *authz.Authorizer {
	t.Helper()
	tokens, err := token.New(token.Settings{Store: store, Verifier: itself{}, Now: time.Now, Forms: []token.Form{{Prefix: "mbz_", Parse: tokenform.Parse}}})
	fatal(t, err)
	known := []*authz.Configured{{Name: "token", Kind: "token", Word: "token", Traits: tokens.Traits(), Authenticator: tokens}}
	claims, err := authz.NewClaims(known[0].Carriers, known)
	fatal(t, err)
	none, err := tenant.Parse("none", nil)
	fatal(t, err)
	operation := &authz.Route{
		Kind: authz.Operation, ID: "key", Host: "api", Method: "GET", Template: "/key",
		Claims: claims, Accept: [][]*authz.Configured{known}, Scopes: []string{"read"}, Tenant: none,
	}
	operation.Plan, err = onekey.Plans(keyplan.NewKeys())(operation, authz.NewHidden(known[0].Carriers))
	fatal(t, err)
	table, err := route.New(route.Spec{Unknown: &authz.Route{Claims: claims}, Hosts: []route.Host{{
		Name: "api", Patterns: []string{"api.example.com"}, NoRoute: &authz.Route{Claims: claims},
		Rules: []route.Rule{{Method: "GET", Template: "/key", Route: operation}},
	}}})
	fatal(t, err)
	policy, err := rego.New(t.Context(), rego.Settings{Scopes: []string{"read"}, Timeout: answerTime})
	fatal(t, err)
	authorizer, err := authz.NewAuthorizer(authz.Limits{InFlight: 64, Timeout: answerTime, Margin: time.Millisecond}, time.Now)
	fatal(t, err)
	fatal(t, authorizer.Remembering(&onekey.Shelf{}, changes))
	authorizer.Swap(authz.NewSnapshot(authz.Snapshot{
		Generation: 1, Router: table, Policy: policy, Carriers: known[0].Carriers, Life: authz.Life{Allow: time.Hour, Deny: time.Hour},
	}))
	return authorizer
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
