package ops

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/sallyport-authz/sallyport/authz"
)

// unknown stands for what has no name of its own: no route, or a reason that
// nobody declared.
const unknown = "unknown"

// mostRoutes bounds what configurations that came and went leave behind; the
// Checks of routes beyond it count as unknown.
const mostRoutes = 10_000

// The places of cells. An outcome is an allow, a denial without a known reason,
// or one of the reasons.
const (
	allowed  = 0
	odd      = 1
	outcomes = 16
	states   = 8
)

// cells count the Checks of one route. They are an array, so that counting takes
// no lock, no allocation and no hashing of labels.
type cells [outcomes][states]atomic.Uint64

// counts are the cells of all routes. Who counts never waits: the map is copied
// when a route is new.
type counts struct {
	byRoute atomic.Pointer[map[string]*cells]
	adding  sync.Mutex
	reasons []authz.Reason
	caches  []authz.CacheState
}

func newCounts() *counts {
	c := &counts{reasons: authz.Reasons(), caches: authz.CacheStates()}
	c.byRoute.Store(&map[string]*cells{unknown: {}})
	return c
}

// of gives the cells of a route. What clients write never gets here: ids come
// from configurations.
func (c *counts) of(route *authz.Route) *cells {
	id := unknown
	if route != nil && route.ID != "" {
		id = route.ID
	}
	if found := (*c.byRoute.Load())[id]; found != nil {
		return found
	}
	return c.add(id)
}

func (c *counts) add(id string) *cells {
	c.adding.Lock()
	defer c.adding.Unlock()
	before := *c.byRoute.Load()
	if found := before[id]; found != nil {
		return found
	}
	if len(before) > mostRoutes {
		return before[unknown]
	}
	after := maps.Clone(before)
	after[id] = &cells{}
	c.byRoute.Store(&after)
	return after[id]
}

func (c *counts) outcome(v *authz.Verdict) int {
	if v.Effect == authz.Allow {
		return allowed
	}
	for i, reason := range c.reasons {
		if reason == v.Reason {
			return odd + 1 + i
		}
	}
	return odd
}

// words are an outcome's labels.
func (c *counts) words(outcome int) (effect, reason string) {
	switch {
	case outcome == allowed:
		return authz.Allow.String(), "none"
	case outcome > odd && outcome-odd-1 < len(c.reasons):
		return authz.Deny.String(), string(c.reasons[outcome-odd-1])
	default:
		return authz.Deny.String(), unknown
	}
}

// state is the place of a cache state; what nobody declared comes behind all of
// them, and "" is CacheNone.
func (c *counts) state(s authz.CacheState) int {
	if s == "" {
		s = authz.CacheNone
	}
	for i, known := range c.caches {
		if known == s {
			return i
		}
	}
	return len(c.caches)
}

func (c *counts) stateWord(state int) string {
	if state < len(c.caches) {
		return string(c.caches[state])
	}
	return unknown
}

// byState sums the Checks of all routes and outcomes.
func (c *counts) byState() map[authz.CacheState]uint64 {
	sums := map[authz.CacheState]uint64{}
	for _, route := range *c.byRoute.Load() {
		for state, n := range route.byState() {
			sums[authz.CacheState(c.stateWord(state))] += n
		}
	}
	return sums
}

// ofRoute sums the Checks of one route by state; states without any are not there.
func (c *counts) ofRoute(id string) map[string]uint64 {
	sums := map[string]uint64{}
	route := (*c.byRoute.Load())[id]
	if route == nil {
		return sums
	}
	for state, n := range route.byState() {
		if n > 0 {
			sums[c.stateWord(state)] += n
		}
	}
	return sums
}

func (c *cells) byState() (sums [states]uint64) {
	for outcome := range c {
		for state := range c[outcome] {
			sums[state] += c[outcome][state].Load()
		}
	}
	return sums
}
