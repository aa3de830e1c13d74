package token_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
)

// The flow around the authenticator, as plain as it can be: one route, a policy that
// allows, a memory that loses nothing, a key that is the header's value.
type (
	only   struct{ match authz.Match }
	agreed struct{}
	kept   map[authz.Digest]*authz.Remembered
	byText struct{}
	own    struct{}
)

func (o only) Match(*authz.Attributes) (authz.Match, error) { return o.match, nil }

func (agreed) Decide(context.Context, *authz.Input) (authz.Answer, error) {
	return authz.Answer{Allow: true, TTL: -1}, nil
}

func (k kept) Recall(d authz.Digest) *authz.Remembered      { return k[d] }
func (k kept) Remember(d authz.Digest, r *authz.Remembered) { k[d] = r }

func (byText) Digest(a *authz.Attributes, _ authz.Match) (authz.Digest, bool) {
	value, there := a.Request.Headers.Get("authorization")
	return sha256.Sum256([]byte(value)), there
}

func (own) Tenant(*authz.Attributes, authz.Match, authz.Caller) (string, error) { return "", nil }
func (own) Reads() authz.Reads                                                  { return nil }

// flow asks one request after the other; changes are what the store's feed announces.
type flow struct {
	scene
	*authz.Authorizer
	changes *authz.Changes
}

func newFlow(t *testing.T) flow {
	t.Helper()
	f := flow{scene: newScene(t, token.Settings{}), changes: &authz.Changes{}}
	configured := &authz.Configured{Name: "pat", Kind: "token", Word: "pat", Traits: f.Traits(), Authenticator: f.scene}
	claims, err := authz.NewClaims(nil, []*authz.Configured{configured})
	if err != nil {
		t.Fatal(err)
	}
	route := &authz.Route{Kind: authz.Operation, ID: "r", Claims: claims, Accept: [][]*authz.Configured{{configured}}, Tenant: own{}, Plan: byText{}}
	f.Authorizer, err = authz.NewAuthorizer(authz.Limits{InFlight: 8, Timeout: time.Minute, Margin: 20 * time.Millisecond}, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Remembering(kept{}, f.changes); err != nil {
		t.Fatal(err)
	}
	f.Swap(authz.NewSnapshot(authz.Snapshot{
		Generation: 1, Router: only{authz.Match{Route: route}}, Policy: agreed{}, Life: authz.Life{Allow: time.Minute, Deny: 5 * time.Second},
	}))
	return f
}

// want holds the next verdict to its reason ("" allows) and to where it came from.
func (f flow) want(t *testing.T, text string, reason authz.Reason, state authz.CacheState) {
	t.Helper()
	v := f.Check(t.Context(), carrying("authorization", "Bearer "+text))
	if v.Reason != reason || (v.Effect == authz.Allow) != (reason == "") || v.Trail.Cache != state {
		t.Errorf("%s: got %s %q (%v) by %s, want %q by %s", text, v.Effect, v.Reason, v.Trail.Cause, v.Trail.Cache, reason, state)
	}
}

func (f flow) announce(touched ...authz.Touch) {
	for _, touch := range touched {
		f.changes.Apply(touch.Stripe())
	}
}

// TestRemembered: what a store's feed announces ends what was remembered of a token,
// allows and denials. Guards: each stripe of basisOf and find, and the zero Basis of a
// wrong secret.
func TestRemembered(t *testing.T) {
	const text = "pfy_personal_secret"
	t.Run("a change ends it", func(t *testing.T) {
		for name, touch := range map[string]authz.Touch{
			"by id":        {Topic: authz.TopicToken, Name: []string{"t2"}},
			"by reference": {Topic: authz.TopicTokenRef, Name: []string{"pfy_", "personal"}},
			"owner":        {Topic: authz.TopicOwner, Name: []string{"o2"}},
			"organization": {Topic: authz.TopicOrganization, Name: []string{"t1"}},
		} {
			t.Run(name, func(t *testing.T) {
				f := newFlow(t)
				f.want(t, text, "", authz.CacheMiss)
				f.want(t, text, "", authz.CacheHit)
				revoked := f.store.tokens[ref("pfy_", "personal")]
				revoked.Revoked = today
				f.store.tokens[revoked.Ref] = revoked
				f.announce(touch)
				f.want(t, text, authz.Rejected, authz.CacheRevoked)
				f.want(t, text, authz.Rejected, authz.CacheHit)
			})
		}
	})
	t.Run("a mint ends a denial", func(t *testing.T) {
		f := newFlow(t)
		f.want(t, "pfy_nobodys0_secret", authz.Rejected, authz.CacheMiss)
		f.want(t, "pfy_nobodys0_secret", authz.Rejected, authz.CacheHit)
		minted := authz.Token{ID: "t99", Ref: ref("pfy_", "nobodys0"), Verifier: "pfy_nobodys0_secret"}
		f.store.tokens[minted.Ref] = minted
		f.announce(authz.Touch{Topic: authz.TopicTokenRef, Name: []string{"pfy_", "nobodys0"}})
		f.want(t, "pfy_nobodys0_secret", "", authz.CacheRevoked)
	})
	t.Run("never remembered", func(t *testing.T) {
		f := newFlow(t)
		for range 2 {
			f.want(t, "pfy_personal_guessed", authz.Rejected, authz.CacheMiss)
			f.want(t, "pfy_provbusy_secret", authz.Throttled, authz.CacheMiss)
			f.want(t, "pfy_downdown_secret", authz.Unavailable, authz.CacheMiss)
		}
	})
}
