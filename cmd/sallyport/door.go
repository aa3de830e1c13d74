package main

import "github.com/sallyport-authz/sallyport/authz/envoy"

const (
	// inHand is how many Checks may be in hand for one that is being decided, and
	// spare how many beside: they are read, shed in their host's format, or
	// answered. More of them are there only when the processor is behind.
	inHand, spare = 2, 64
	// fallbackBytes is for messages where nobody knows how much memory there is.
	fallbackBytes = 1 << 30
	// leastRead is how many messages of the longest kind are read at once,
	// however little memory there is.
	leastRead = 16
	// besideBody is what is set aside for a message that holds no body.
	besideBody = 64 << 10
)

func (s *service) bounds() envoy.Bounds {
	body := 0
	for _, l := range s.plan.listeners {
		body = max(body, l.requestBody)
	}
	return doorBounds(s.plan.limits.InFlight, body, s.memory)
}

// doorBounds gives messages a quarter of the memory: what is read out of them,
// and what a policy makes of that, takes the like again.
func doorBounds(checks, body int, m memory) envoy.Bounds {
	bytes := int64(fallbackBytes)
	if m.limit > 0 {
		bytes = m.limit / 4
	}
	return envoy.Bounds{Checks: inHand*checks + spare, Bytes: max(bytes, leastRead*int64(body+besideBody))}
}
