package main

import (
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/authz/rego"
	"github.com/sallyport-authz/sallyport/cache"
)

const (
	defaultCacheBytes = 64 << 20
	smallestCache     = 8 << 20
	largestCache      = 64 << 30
)

// remembering is what the configuration says of remembered verdicts, and what
// the keys of this snapshot are made of.
type remembering struct {
	// bytes is 0 where the cache is off.
	bytes int64
	life  authz.Life
	// refusal says why no route's verdicts are remembered, or "".
	refusal string
	hidden  authz.Hidden
	reads   authz.Reads
}

// remembering reads the cache's settings. A policy that looks at more than its
// input gives different answers to one key: nothing is remembered then.
func (c *compiler) remembering(policy *rego.Policy) remembering {
	message, at := c.message.GetCache(), c.root.Field("cache")
	r := remembering{
		bytes: defaultCacheBytes, hidden: authz.NewHidden(carriersOf(c.known)), reads: authz.WholeInput(),
		life: authz.Life{
			Allow: c.duration(at.Field("ttl"), message.GetTtl(), time.Minute),
			Deny:  c.duration(at.Field("deny_ttl"), message.GetDenyTtl(), 5*time.Second),
		},
	}
	if bytes := message.GetMaxBytes(); bytes != 0 {
		r.bytes = int64(min(bytes, largestCache))
		if bytes < smallestCache || bytes > largestCache {
			c.Refuse(at.Field("max_bytes"), fmt.Sprintf("%d bytes", bytes), fmt.Sprintf("%d to %d", smallestCache, largestCache), "write it in bytes, as in 67108864")
		}
	}
	switch {
	case message.GetOff():
		r.bytes, r.refusal = 0, "the cache is off"
	case policy == nil:
		r.refusal = "there is no policy"
	case policy.Volatile() != "":
		r.refusal = "the policy looks at more than its input: " + policy.Volatile()
		c.Warn(c.root.Field("policies"), "no verdict is remembered: "+r.refusal, "a policy that looks at nothing but its input", "take it out, or write cache: {off: true}")
	}
	return r
}

// plan gives a route the keys of its verdicts, or notes why it has none and is
// decided each time.
func (c *compiler) plan(route *authz.Route) {
	why := c.remember.refusal
	if why == "" {
		plan, err := keyplan.New(c.process.keys, route, c.remember.reads, c.remember.hidden)
		if err == nil {
			route.Plan = plan
		} else {
			why = err.Error()
		}
	}
	c.stand(route, why)
}

// shelves hold remembered verdicts: denials apart, so that nobody who is refused
// can push out who is allowed.
type shelves struct {
	allows, denials *cache.Store[*authz.Remembered]
	now             func() time.Time
}

var _ authz.Memory = (*shelves)(nil)

// newShelves gives an eighth of the bytes to denials.
func newShelves(bytes int64, now func() time.Time) (*shelves, error) {
	allows, err := cache.New[*authz.Remembered](bytes - bytes/8)
	if err != nil {
		return nil, fmt.Errorf("make the cache: %w", err)
	}
	denials, err := cache.New[*authz.Remembered](bytes / 8)
	if err != nil {
		allows.Close()
		return nil, fmt.Errorf("make the cache: %w", err)
	}
	return &shelves{allows: allows, denials: denials, now: now}, nil
}

// Recall implements authz.Memory. The zero time leaves the expiry to the flow.
func (s *shelves) Recall(digest authz.Digest) *authz.Remembered {
	if remembered, found := s.allows.Get(cache.Digest(digest), time.Time{}); found {
		return remembered
	}
	remembered, _ := s.denials.Get(cache.Digest(digest), time.Time{})
	return remembered
}

// Remember implements authz.Memory.
func (s *shelves) Remember(digest authz.Digest, remembered *authz.Remembered) {
	shelf := s.denials
	if remembered.Allows() {
		shelf = s.allows
	}
	item := cache.Item[*authz.Remembered]{Value: remembered, Size: remembered.Size(), Expires: remembered.Expires()}
	shelf.Put(cache.Digest(digest), item, s.now())
}

func (s *shelves) close() {
	s.allows.Close()
	s.denials.Close()
}
