package onekey_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// within is how many requests a planted defect must be found within.
const within = 4000

// difference gives the first one that a memory and its keys lead to.
func difference(t *testing.T, rule string, planned onekey.Planner, memory authz.Memory, draws int) error {
	t.Helper()
	snapshot, err := onekey.World{Dir: t.TempDir(), Rule: rule, Planned: planned}.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := onekey.NewPair(snapshot, memory, &authz.Changes{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range draws {
		if err := pair.Ask(t.Context(), onekey.Draw(r)); err != nil {
			return err
		}
	}
	if pair.Hits == 0 {
		t.Error("nothing was ever remembered: the test shows nothing")
	}
	return nil
}

func TestNoDifference(t *testing.T) {
	for _, rule := range onekey.Rules() {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			// cmd/sallyport's test asks more often.
			if err := difference(t, rule, onekey.Plans(keyplan.NewKeys()), &onekey.Shelf{}, 200); err != nil {
				t.Error(err)
			}
		})
	}
}

// without leaves a field out of the keys. The policy reads what is left.
func without(keys *keyplan.Keys, field authz.Field) onekey.Planner {
	left := func(reads authz.Reads) authz.Reads {
		return slices.DeleteFunc(slices.Clone(reads), func(f authz.Field) bool { return f == field })
	}
	return func(r *authz.Route, hidden authz.Hidden) (authz.KeyPlan, error) {
		blind := *r
		blind.Accept = nil
		if r.Tenant != nil {
			blind.Tenant = reading{r.Tenant, left(r.Tenant.Reads())}
		}
		for _, group := range r.Accept {
			var same []*authz.Configured
			for _, configured := range group {
				c := *configured
				c.Reads = left(c.Reads)
				same = append(same, &c)
			}
			blind.Accept = append(blind.Accept, same)
		}
		if strings.HasPrefix(string(field), "header:") || field == "" {
			// Who claims a carrier would stand in for what it holds.
			claims, err := authz.NewClaims(nil, nil)
			if err != nil {
				return nil, err
			}
			blind.Claims = claims
		}
		return keyplan.New(keys, &blind, left(authz.WholeInput()), hidden)
	}
}

// reading declares other reads than its source's own.
type reading struct {
	authz.TenantSource
	reads authz.Reads
}

func (r reading) Reads() authz.Reads { return r.reads }

// TestFindsWhatKeysLack plants a defect a row: a field that no key holds. The
// field "" is none: there the keys lack who claims a carrier that a route does
// not accept.
func TestFindsWhatKeysLack(t *testing.T) {
	for field, rule := range map[authz.Field]string{
		authz.FieldClient:        `input.request.client_ip != "10.0.0.1"`,
		authz.FieldPeerAddress:   `input.peer.address != "10.0.0.1"`,
		authz.FieldPeerPrincipal: `input.peer.principal == "spiffe://x/y"`,
		authz.FieldSNI:           `input.peer.sni == "a.example"`,
		authz.FieldSecure:        `not input.request.secure`,
		authz.FieldHeaders:       `input.request.headers.origin[_] == "https://evil.example"`,
		authz.FieldScheme:        `input.request.scheme == "http"`,
		authz.FieldMethod:        `input.request.method == "HEAD"`,
		authz.FieldPath:          `startswith(input.request.path, "/x/2")`,
		authz.FieldQuery:         `input.request.query.y[_] == "1"`,
		authz.FieldHost:          `input.request.host == "a.example"`,
		authz.FieldBody:          `contains(input.request.body, "drop")`,
		authz.FieldExtensions:    `input.envoy.context_extensions.zone == "dmz"`,
		authz.FieldMetadata:      `input.envoy.metadata.geo.land == "xx"`,
		authz.FieldRouteMetadata: `input.envoy.route_metadata.r.tier == "free"`,
		"header:x-api-key":       `input.caller.subject == "bob"`,
		"":                       `input.request.method == "POST"`,
	} {
		t.Run("lacks "+string(field), func(t *testing.T) {
			t.Parallel()
			if difference(t, rule, without(keyplan.NewKeys(), field), &onekey.Shelf{}, within) == nil {
				t.Error("it found nothing")
			}
		})
	}
}

// TestFindsAShortDigest: a memory that compares one byte of 32.
func TestFindsAShortDigest(t *testing.T) {
	if difference(t, onekey.Rules()[0], onekey.Plans(keyplan.NewKeys()), &onekey.Shelf{Bytes: 1}, within) == nil {
		t.Error("it found nothing")
	}
}

// revoked asks while keys are withdrawn and given back, and gives the first
// difference. What is remembered looks at changes, which may not be where the
// revocations are announced.
func revoked(t *testing.T, announced, looked *authz.Changes) error {
	t.Helper()
	revocations := &onekey.Revocations{Changes: announced}
	world := onekey.World{Dir: t.TempDir(), Rule: onekey.Rules()[0], Planned: onekey.Plans(keyplan.NewKeys()), Revocations: revocations}
	snapshot, err := world.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := onekey.NewPair(snapshot, &onekey.Shelf{}, looked)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 1000 {
		if i%10 == 9 {
			revocations.Turn([]string{onekey.AnnKey, onekey.BobKey}[r.IntN(2)])
		}
		if err := pair.Ask(t.Context(), onekey.Draw(r)); err != nil {
			return err
		}
	}
	if pair.Hits == 0 {
		t.Error("nothing was ever remembered: the test shows nothing")
	}
	return nil
}

// TestRevokedKeys: no verdict outlives its key, and no denial a key's return.
func TestRevokedKeys(t *testing.T) {
	changes := &authz.Changes{}
	if err := revoked(t, changes, changes); err != nil {
		t.Error(err)
	}
}

// TestFindsALostTick plants the defect that the ticks of changes are not looked at.
func TestFindsALostTick(t *testing.T) {
	if revoked(t, &authz.Changes{}, &authz.Changes{}) == nil {
		t.Error("it found nothing")
	}
}
