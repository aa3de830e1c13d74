package authz

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrConflict: one carrier twice, or two credentials in one group.
var ErrConflict = errors.New("conflicting credentials")

// errUnaccepted is a credential of a kind that the route does not take.
var errUnaccepted = fmt.Errorf("%w: not accepted by this route", ErrRejected)

// errUnclaimed is a value that no authenticator of the host block knows.
var errUnclaimed = fmt.Errorf("%w: claimed by no authenticator", ErrMalformed)

// presented is one carrier that holds something.
type presented struct {
	carrier    Carrier
	configured *Configured
	credential Credential
	// err is nil, or says why there is no credential to verify.
	err   error
	group int
}

// search is one request's way through the accepted groups. It is used once.
type search struct {
	route      *Route
	attributes *Attributes
	now        time.Time
	found      []presented
	tried      []Tried
	downgraded bool
	// gates are those that were asked.
	gates []gate
	// basis is what the findings so far rest on.
	basis Basis
	// decided names the authenticator that settled the search.
	decided string
}

// reusable reports whether every authenticator that identify may ask lets its
// credential be used again: those whose carriers hold something, and those
// without a carrier.
func (s *search) reusable() bool {
	for _, p := range s.found {
		if p.group >= 0 && p.configured != nil && p.configured.Reuse != ReuseAllowed {
			return false
		}
	}
	for _, accepted := range s.route.Accept {
		for _, configured := range accepted {
			if len(configured.Carriers) == 0 && configured.Reuse != ReuseAllowed {
				return false
			}
		}
	}
	return true
}

// identify finds the caller of a request after extract has looked at every
// carrier, so that no secret is checked before; the first group that is present
// decides.
func (s *search) identify(ctx context.Context) (Caller, error) {
	for group, accepted := range s.route.Accept {
		caller, err := s.group(ctx, group, accepted)
		switch {
		case err == nil:
			caller.Downgraded = s.downgraded
			return caller, nil
		case errors.Is(err, ErrAbsent):
			continue
		default:
			return Caller{}, err
		}
	}
	return Caller{}, ErrAbsent
}

// group asks one group: first what it carries, then those without a carrier.
// ErrAbsent sends the search to the next group.
func (s *search) group(ctx context.Context, group int, accepted []*Configured) (Caller, error) {
	claimed, unreadable := s.members(group)
	switch {
	case len(claimed) > 1:
		s.noteAll(claimed, OutcomeNotVerified)
		return Caller{}, fmt.Errorf("%w: %s and %s", ErrConflict, claimed[0].carrier, claimed[1].carrier)
	case len(unreadable) > 0:
		s.noteAll(unreadable, OutcomeMalformed)
		s.noteAll(claimed, OutcomeNotVerified)
		if len(claimed) > 0 {
			return Caller{}, unreadable[0].err
		}
		return Caller{}, s.forgive(accepted, unreadable)
	case len(claimed) == 1:
		return s.verify(ctx, claimed[0])
	default:
		return s.carrierless(ctx, accepted)
	}
}

// forgive makes content without an owner final, unless every authenticator of
// the group that takes its carrier lets a bad credential pass: an emptied
// session cookie is as stale as a forged one. What is readable and nobody's is
// never forgiven here; that is what unclaimed is for. Nor is anything beside a
// claimed credential: an empty cookie would keep a bad key from being refused.
func (s *search) forgive(accepted []*Configured, unreadable []presented) error {
	for _, p := range unreadable {
		if errors.Is(p.err, errUnclaimed) {
			return p.err
		}
		for _, configured := range accepted {
			if hasCarrier(configured, p.carrier) && configured.OnInvalid != NextOnInvalid {
				return p.err
			}
		}
	}
	s.downgraded = true
	return ErrAbsent
}

// members gives what is claimed in the group, and what has no owner.
func (s *search) members(group int) (claimed, unreadable []presented) {
	for _, p := range s.found {
		switch {
		case p.group != group:
			continue
		case p.configured == nil:
			unreadable = append(unreadable, p)
		default:
			claimed = append(claimed, p)
		}
	}
	return claimed, unreadable
}

// carrierless asks host, mtls and anonymous, in the order of the group.
func (s *search) carrierless(ctx context.Context, accepted []*Configured) (Caller, error) {
	for _, configured := range accepted {
		if len(configured.Carriers) > 0 {
			continue
		}
		p := presented{configured: configured}
		p.credential, p.err = configured.Extract(s.attributes)
		caller, err := s.verify(ctx, p)
		if !errors.Is(err, ErrAbsent) {
			return caller, err
		}
	}
	return Caller{}, ErrAbsent
}

// verify authenticates one credential. An authenticator with a carrier cannot
// say that it is absent: the carrier is there.
func (s *search) verify(ctx context.Context, p presented) (Caller, error) {
	if err := s.admit(p); err != nil {
		return Caller{}, err
	}
	if err := s.pass(p, p.configured.Networks, p.configured.Limit); err != nil {
		return Caller{}, err
	}
	caller, err := s.authenticate(ctx, p)
	switch {
	case err == nil:
		// The caller's own networks are asked when the secret has been proven, so
		// that nobody else learns that they have some.
		for _, networks := range []Networks{caller.Networks, caller.OwnerNetworks} {
			if err := s.pass(p, networks, nil); err != nil {
				return Caller{}, err
			}
		}
		s.note(p, OutcomeValid)
		return caller, nil
	case errors.Is(err, ErrMalformed):
		s.try(p.name(), p.carrier, OutcomeMalformed)
		return Caller{}, s.invalid(p, outcome{ErrMalformed, err})
	case errors.Is(err, ErrRejected):
		s.try(p.name(), p.carrier, OutcomeRejected)
		return Caller{}, s.invalid(p, outcome{ErrRejected, err})
	case errors.Is(err, ErrBarred):
		s.note(p, OutcomeBarred)
		return Caller{}, outcome{ErrBarred, err}
	case errors.Is(err, ErrThrottled):
		s.note(p, OutcomeThrottled)
		return Caller{}, outcome{ErrThrottled, err}
	case errors.Is(err, ErrAbsent) && len(p.configured.Carriers) == 0:
		s.try(p.name(), p.carrier, OutcomeAbsent)
		return Caller{}, ErrAbsent
	default:
		s.note(p, OutcomeUnavailable)
		return Caller{}, fmt.Errorf("authenticate by %s: %w", p.name(), outcome{nil, err})
	}
}

func (s *search) authenticate(ctx context.Context, p presented) (Caller, error) {
	if p.err != nil {
		return Caller{}, p.err
	}
	p.credential.Address, p.credential.Begun = s.attributes.Client(), s.now
	caller, basis, err := p.configured.Authenticate(ctx, p.credential)
	s.basis = s.basis.And(basis)
	if err != nil {
		return Caller{}, err
	}
	s.basis = s.basis.And(Basis{Lasting: true, Until: caller.Expires})
	if !caller.Expires.IsZero() && !s.now.Before(caller.Expires) {
		return Caller{}, fmt.Errorf("%w: expired", ErrRejected)
	}
	caller.Authenticator, caller.Kind = p.configured.Name, p.configured.Word
	return caller, nil
}

// invalid makes a bad credential final, unless on_invalid sends it on.
func (s *search) invalid(p presented, err error) error {
	if p.configured.OnInvalid == NextOnInvalid {
		s.downgraded = true
		return ErrAbsent
	}
	s.decided = p.name()
	return err
}

func (p presented) name() string {
	if p.configured == nil {
		return ""
	}
	return p.configured.Name
}

func (s *search) note(p presented, outcome Outcome) {
	s.decided = p.name()
	s.try(p.name(), p.carrier, outcome)
}

func (s *search) noteAll(all []presented, outcome Outcome) {
	for _, p := range all {
		s.try(p.name(), p.carrier, outcome)
	}
}

func (s *search) try(name string, carrier Carrier, outcome Outcome) {
	s.tried = append(s.tried, Tried{Authenticator: name, Carrier: carrier, Outcome: outcome})
}
