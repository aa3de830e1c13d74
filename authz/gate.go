package authz

import (
	"errors"
	"fmt"
)

// Limiter holds back whoever asks too often. It is safe for parallel use.
type Limiter interface {
	// Allow reports whether the key may ask now, and counts it if so.
	Allow(key string) bool
}

// gate is what is asked about the client's address on every Check, also where the
// verdict is remembered: from which networks a credential may come, and how often.
//
// The address stands in no key for it, so that a verdict is kept once for all
// addresses. That is sound because of two things: what a gate refuses is never
// remembered, and what is remembered keeps its gates, which are asked anew.
type gate struct {
	name     string
	carrier  Carrier
	networks Networks
	limiter  Limiter
}

// open reports a gate that lets everybody pass.
func (g *gate) open() bool { return len(g.networks) == 0 && g.limiter == nil }

// ask gives ErrChannel or ErrThrottled, or lets the client pass and counts them.
func (g *gate) ask(client string) error {
	switch {
	case len(g.networks) > 0 && !g.networks.Hold(client):
		return fmt.Errorf("%w: %s: the client's address %q is in none of the networks", ErrChannel, g.name, client)
	case g.limiter != nil && !g.limiter.Allow(Network(client)):
		return fmt.Errorf("%w: %s: from the client's address %q", ErrThrottled, g.name, client)
	default:
		return nil
	}
}

// tried tells of a refusal as the search does.
func (g *gate) tried(outcome Outcome) Tried { return Tried{g.name, g.carrier, outcome} }

func gateOutcome(err error) Outcome {
	if errors.Is(err, ErrChannel) {
		return OutcomeChannel
	}
	return OutcomeThrottled
}

// pass asks a gate on the way of a search. A refusal says nothing about the
// credential: it is final, whatever on_invalid says.
func (s *search) pass(p presented, networks Networks, limiter Limiter) error {
	g := gate{p.name(), p.carrier, networks, limiter}
	if g.open() {
		return nil
	}
	s.gates = append(s.gates, g)
	err := g.ask(s.attributes.Client())
	if err != nil {
		s.note(p, gateOutcome(err))
		s.basis = s.basis.And(Basis{})
	}
	return err
}

// stopped asks the gates of a remembered verdict.
func (d *decision) stopped(gates []gate) error {
	for i := range gates {
		err := gates[i].ask(d.attributes.Client())
		if err != nil {
			d.rule, d.decided = "caller", gates[i].name
			d.tried = []Tried{gates[i].tried(gateOutcome(err))}
			return err
		}
	}
	return nil
}
