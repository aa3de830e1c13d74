package authz

import (
	"hash/fnv"
	"sync"
	"sync/atomic"
)

// Stripe is a place in the array of last changes. Two things that share one by
// chance only cost a miss.
type Stripe uint16

// Topic is a class of things that change while a snapshot is live.
type Topic string

// The topics. What a change announces and what a finding depends on must be the
// same topic and name.
const (
	// TopicIssuerKey is a signing key: the issuer and the key's id.
	TopicIssuerKey Topic = "issuer_key"
)

// StripeOf gives the stripe of a thing: a topic and the parts of its name, in
// their order.
func StripeOf(topic Topic, name ...string) Stripe {
	h := fnv.New64a()
	_, _ = h.Write([]byte(topic))
	for _, part := range name {
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(part))
	}
	sum := h.Sum64()
	return Stripe((sum ^ sum>>32) % stripes)
}

// stripes is how many there are: few enough to lie in the processor's cache,
// enough that two of a thousand live things seldom share one.
const stripes = 4096

// Changes is this process's account of applied changes. A tick is a number that
// every change advances; each stripe holds the tick of its last change. The zero
// Changes has seen none. It is safe for parallel use.
type Changes struct {
	mu     sync.Mutex
	tick   atomic.Uint64
	stripe [stripes]atomic.Uint64
}

// Tick is the last change that is wholly applied.
func (c *Changes) Tick() uint64 { return c.tick.Load() }

// Apply announces one change to everything that stands behind the stripes. It is
// called after the change is in force and before whoever asked for it is told:
// what began before Apply returned may still be answered from before the change,
// nothing that begins afterwards is. It returns the change's tick.
func (c *Changes) Apply(changed ...Stripe) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	tick := c.tick.Load() + 1
	for _, s := range changed {
		c.stripe[s%stripes].Store(tick)
	}
	// Published last: who reads this tick before evaluating reads the change too,
	// and who reads the one before it finds the stripes later than that.
	c.tick.Store(tick)
	return tick
}

// ApplyAll announces that anything may have changed: what did is not known.
func (c *Changes) ApplyAll() uint64 {
	all := make([]Stripe, stripes)
	for i := range all {
		all[i] = Stripe(i)
	}
	return c.Apply(all...)
}

// Since reports whether anything behind the stripes changed after the tick.
func (c *Changes) Since(tick uint64, depends []Stripe) bool {
	for _, s := range depends {
		if c.stripe[s%stripes].Load() > tick {
			return true
		}
	}
	return false
}
