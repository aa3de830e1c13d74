package decider

import "slices"

// Outcome is what a request comes to.
type Outcome struct {
	// Status is 200 where the request may pass.
	Status int
	// Reason is why it may not, in the closed set of design.md section 5.
	Reason string
	// Word and Subject say as whom it passes, Tenant for which tenant, where the route
	// concerns one.
	Word, Subject, Tenant string
}

// Decide says what has to become of a request on a route, once every carrier was read.
// The order is that of the rules: what is twice, what the route does not accept, then
// one group after the other.
func (r *Route) Decide(request Read) Outcome {
	if request.Twice {
		return Outcome{Status: 400, Reason: "conflict"}
	}
	var accepted []Held
	for _, held := range request.Held {
		switch {
		case r.groupOf(held) >= 0:
			accepted = append(accepted, held)
		case r.ignores(held.Carrier):
		case held.Owner == nil: // nobody's, in a place from which the route takes nothing
			return r.malformed()
		default: // a credential of another model is refused, before anything is verified
			return Outcome{Status: 401, Reason: "rejected"}
		}
	}
	for group := range r.Accept {
		if outcome, decides := r.decideGroup(group, accepted, request.ByHost); decides {
			return outcome
		}
	}
	return Outcome{Status: 401, Reason: "unauthenticated"}
}

// decideGroup says what one group makes of the request, if it decides.
func (r *Route) decideGroup(group int, accepted []Held, byHost bool) (outcome Outcome, decides bool) {
	var claimed, nobodys []Held
	for _, held := range accepted {
		switch {
		case r.groupOf(held) != group:
		case held.Owner == nil:
			nobodys = append(nobodys, held)
		default:
			claimed = append(claimed, held)
		}
	}
	switch {
	case len(claimed) > 1: // whatever they are worth, nothing is verified
		return Outcome{Status: 400, Reason: "conflict"}, true
	case len(nobodys) > 0 && len(claimed) == 0 && r.forgives(group, nobodys):
		return Outcome{}, false
	case len(nobodys) > 0:
		return r.malformed(), true
	case len(claimed) == 1:
		return r.decideOne(claimed[0])
	default:
		return r.withoutCarrier(group, byHost)
	}
}

// decideOne is the three-way rule: what cannot be told is final, what is bad is final
// unless its authenticator says next, what is good is who calls.
func (r *Route) decideOne(held Held) (outcome Outcome, decides bool) {
	switch held.State {
	case Valid:
		return Outcome{Status: 200, Word: held.Owner.Name, Subject: held.Subject}, true
	case Expired, Revoked:
		if held.Barred { // it is known who calls, so that nobody else may be asked
			return Outcome{Status: 403, Reason: "rejected"}, true
		}
		return Outcome{Status: 401, Reason: "rejected"}, !held.Owner.Next
	case Malformed:
		return r.malformed(), !held.Owner.Next
	default: // also of a state that has no name: nobody can tell
		return Outcome{Status: 503, Reason: "unavailable"}, true
	}
}

// withoutCarrier asks those that read no secret, which alone may find nobody.
func (r *Route) withoutCarrier(group int, byHost bool) (outcome Outcome, decides bool) {
	for _, a := range r.Accept[group] {
		if a.Kind == Anonymous || a.Kind == Host && byHost {
			return Outcome{Status: 200, Word: a.Name}, true
		}
	}
	return Outcome{}, false
}

// forgives tells of content that is nobody's whether each authenticator that takes
// anything from its place says on_invalid: next: an emptied session cookie is as stale
// as a forged one. What can be read and is nobody's is what unclaimed is for.
func (r *Route) forgives(group int, nobodys []Held) bool {
	for _, held := range nobodys {
		if held.Readable {
			return false
		}
		for _, a := range r.Accept[group] {
			if a.Carrier == held.Carrier && !a.Next {
				return false
			}
		}
	}
	return true
}

// groupOf is the group that content belongs to: its owner's; or, where it is nobody's,
// the first one that takes anything from its place. -1 is none.
func (r *Route) groupOf(held Held) int {
	return slices.IndexFunc(r.Accept, func(group []*Authenticator) bool {
		return slices.ContainsFunc(group, func(a *Authenticator) bool {
			return a == held.Owner || held.Owner == nil && a.Carrier == held.Carrier
		})
	})
}

// ignores tells whether the route overlooks what it does not accept in such a place.
func (r *Route) ignores(c Carrier) bool {
	if c.Cookie {
		return !r.RefuseCookies
	}
	return r.IgnoreHeaders
}

func (r *Route) malformed() Outcome {
	if r.Malformed400 {
		return Outcome{Status: 400, Reason: "malformed"}
	}
	return Outcome{Status: 401, Reason: "malformed"}
}
