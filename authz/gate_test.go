package authz_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// fewest is a limiter that lets each key through so many times.
type fewest struct {
	left  int
	mu    sync.Mutex
	asked []string
}

func (f *fewest) Allow(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, key)
	seen := 0
	for _, other := range f.asked {
		if other == key {
			seen++
		}
	}
	return seen <= f.left
}

const inside, outside = "203.0.113.9", "198.51.100.7"

// gated is a memory's scene whose key is not the address.
func gated(t *testing.T, change func(*authz.Configured), callers map[string]authz.Caller) *remembering {
	t.Helper()
	r := remember(t)
	s := settings("key", authz.InHeader("x-api-key"))
	s.Reuse = authz.ReuseAllowed
	if callers != nil {
		s.Callers = callers
	}
	r.key = authntest.NewFake(s)
	configured := *r.key.Configured()
	if change != nil {
		change(&configured)
	}
	r.scene.accept = [][]*authz.Configured{{&configured}}
	r.swap(t, 2)
	return r
}

func (r *remembering) from(t *testing.T, address, key string) authz.Verdict {
	t.Helper()
	a := request(false, header("x-api-key", key))
	a.Peer.Address = address
	return r.Check(t.Context(), a)
}

func (r *remembering) evaluated() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// TestNetworksOfAnAuthenticator (G43): who comes from elsewhere is 403 before anybody
// looks at the credential, with a warm memory too, and turns nobody else away. Guards:
// pass in verify, before authenticate; stopped in retell; the Basis of a refusal.
func TestNetworksOfAnAuthenticator(t *testing.T) {
	r := gated(t, func(c *authz.Configured) { c.Networks = networks(t, "203.0.113.0/24") }, nil)
	refused := denied(authz.InsecureTransport, 403)
	for _, step := range []struct {
		name, from, key string
		want            outcome
		cache           authz.CacheState
		looked          int
	}{
		{"outside, cold", outside, "alice", refused, authz.CacheMiss, 0},
		{"outside, and bad", outside, "mallory", refused, authz.CacheMiss, 0},
		{"inside: the refusal was not remembered", inside, "alice", allowed(), authz.CacheMiss, 1},
		{"inside, warm", inside, "alice", allowed(), authz.CacheHit, 1},
		{"outside, warm", outside, "alice", refused, authz.CacheHit, 1},
		{"nowhere", "", "alice", refused, authz.CacheHit, 1},
		{"inside again", inside, "alice", allowed(), authz.CacheHit, 1},
		{"a bad one inside", inside, "mallory", denied(authz.Rejected, 401), authz.CacheMiss, 2},
		{"a bad one outside, warm", outside, "mallory", refused, authz.CacheHit, 2},
	} {
		t.Run(step.name, func(t *testing.T) {
			got := r.from(t, step.from, step.key)
			step.want.compare(t, got)
			if got.Trail.Cache != step.cache || r.key.Verified() != step.looked {
				t.Errorf("cache %s, %d secrets looked at; want %s and %d", got.Trail.Cache, r.key.Verified(), step.cache, step.looked)
			}
			if step.want == refused && !slices.ContainsFunc(got.Trail.Tried, func(tried authz.Tried) bool { return tried.Outcome == authz.OutcomeChannel }) {
				t.Errorf("tried %v: it does not tell", got.Trail.Tried)
			}
		})
	}
}

// TestNetworksOfACaller (G43): the list of one token bounds that token alone, and who
// does not hold the token is not told of it. Guards: pass after authenticate;
// caller.Networks in the kept gates.
func TestNetworksOfACaller(t *testing.T) {
	r := gated(t, nil, map[string]authz.Caller{
		"alice": {Subject: "alice", Tenant: "acme", Networks: networks(t, "203.0.113.0/24")},
		"bob":   {Subject: "bob", Tenant: "acme"},
		"carol": {Subject: "carol", Tenant: "acme", Networks: networks(t, "203.0.113.0/24"), OwnerNetworks: networks(t, "203.0.113.9", "198.51.100.7")},
	})
	refused := denied(authz.InsecureTransport, 403)
	for round := range 2 { // cold and warm
		for _, step := range []struct {
			name, from, key string
			want            outcome
		}{
			{"outside", outside, "alice", refused},
			{"inside", inside, "alice", allowed()},
			{"outside again", outside, "alice", refused},
			{"another's", outside, "bob", allowed()},
			{"the owner's alone", outside, "carol", refused},
			{"both", inside, "carol", allowed()},
			{"the token's alone", "203.0.113.8", "carol", refused},
			{"who does not hold it", outside, "mallory", denied(authz.Rejected, 401)},
		} {
			t.Run(step.name, func(t *testing.T) {
				got := r.from(t, step.from, step.key)
				step.want.compare(t, got)
				if round == 1 && got.Trail.Cache != authz.CacheHit {
					t.Errorf("cache %s, want a hit", got.Trail.Cache)
				}
			})
		}
	}
	if got := r.evaluated(); got != 3 {
		t.Errorf("%d evaluations, want one a caller", got)
	}
}

// TestGateIsFinal: on_invalid sends nobody on from a wrong network or a full limit.
func TestGateIsFinal(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*authz.Configured)
		want   outcome
	}{
		"network": {func(c *authz.Configured) { c.Networks = networks(t, "203.0.113.0/24") }, denied(authz.InsecureTransport, 403)},
		"limit":   {func(c *authz.Configured) { c.Limit = &fewest{} }, denied(authz.Throttled, 429)},
	} {
		t.Run(name, func(t *testing.T) {
			configured := *onCookie(authz.NextOnInvalid).Configured()
			c.change(&configured)
			s := scene{accept: [][]*authz.Configured{{&configured}, group(byHost())}}
			c.want.compare(t, s.check(t, header("cookie", "sess=alice")))
			allowed().compare(t, s.check(t))
		})
	}
}

// TestLimit: each Check of an address counts once, whether its verdict is made,
// remembered or shared; a 429 is stored for nobody, and what the edges refuse does not
// count. Guards: pass in verify; stopped in retell, for hits and for joined flights.
func TestLimit(t *testing.T) {
	limiter := &fewest{left: 3}
	r := gated(t, func(c *authz.Configured) { c.Limit = limiter }, nil)
	for i, want := range []outcome{allowed(), allowed(), allowed(), denied(authz.Throttled, 429), denied(authz.Throttled, 429)} {
		got := r.from(t, inside, "alice")
		want.compare(t, got)
		if want.status == 429 && !slices.Contains(got.Headers, header("retry-after", "1")) {
			t.Errorf("%d: headers %v, want Retry-After", i, got.Headers)
		}
	}
	allowed().compare(t, r.from(t, outside, "alice"))
	denied(authz.Throttled, 429).compare(t, r.from(t, inside, "bob"))
	denied(authz.Rejected, 401).compare(t, r.from(t, outside, "bob"))
	if got := len(limiter.asked); got != 8 {
		t.Errorf("the limit was asked %d times in 8 Checks", got)
	}
	if got := r.evaluated(); got != 1 {
		t.Errorf("%d evaluations, want one", got)
	}
}

// TestLimitOfIPv6: one customer's addresses are one.
func TestLimitOfIPv6(t *testing.T) {
	r := gated(t, func(c *authz.Configured) { c.Limit = &fewest{left: 1} }, nil)
	allowed().compare(t, r.from(t, "2001:db8::1", "alice"))
	denied(authz.Throttled, 429).compare(t, r.from(t, "2001:db8::2", "alice"))
	allowed().compare(t, r.from(t, "2001:db8:0:1::1", "alice"))
}

// TestGatesOfAFlight: who joins an equal Check is counted, and asked where they come
// from, by themselves. Guard: stopped in retell.
func TestGatesOfAFlight(t *testing.T) {
	limiter := &fewest{left: 2}
	r := gated(t, func(c *authz.Configured) { c.Limit, c.Networks = limiter, networks(t, "203.0.113.0/24") }, nil)
	began, land := make(chan struct{}, 8), make(chan struct{})
	r.answer = func(context.Context) (authz.Answer, error) {
		began <- struct{}{}
		<-land
		return authz.Answer{Allow: true, TTL: -1}, nil
	}
	verdicts := make(chan authz.Verdict, 4)
	ask := func(address string) { go func() { verdicts <- r.from(t, address, "alice") }() }
	ask(inside)
	<-began
	ask(inside)
	ask(inside)
	ask(outside)
	close(land)
	got := map[outcome]int{}
	for range 4 {
		v := <-verdicts
		got[outcome{v.Effect, v.Reason, v.Status}]++
	}
	if got[allowed()] != 2 || got[denied(authz.Throttled, 429)] != 1 || got[denied(authz.InsecureTransport, 403)] != 1 {
		t.Errorf("got %v, want two allowed, one throttled and one from elsewhere", got)
	}
}
