package decider

import (
	"math/rand/v2"
	"slices"
)

// neighbour is the same request but for one thing: what it holds in one place, or the
// host. A remembered answer to the one is mostly wrong for the other.
func (w *World) neighbour(q Request, r *rand.Rand) (Request, error) {
	q.Headers = slices.Clone(q.Headers)
	a := one(r, q.Block.Authenticators)
	if a.Carrier == (Carrier{}) {
		q.Host = either(q.Host == q.Block.KnownHost(), q.Block.StrangeHost(), q.Block.KnownHost())
		return q, nil
	}
	name := a.Carrier.Name
	if a.Carrier.Cookie {
		name = "cookie"
	}
	q.Headers = slices.DeleteFunc(q.Headers, func(h Header) bool { return h.Name == name })
	state := State(r.IntN(states))
	if state == Absent {
		return q, nil
	}
	text, err := w.show(&q, a.Kind, state, r)
	q.Headers = append(q.Headers, present(a, text))
	return q, err
}
