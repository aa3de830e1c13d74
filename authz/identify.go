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
	// decided names the authenticator that settled the search.
	decided string
}

// identify finds the caller of a request. All carriers are looked at before
// any secret is checked; the first group that is present decides.
func (s *search) identify(ctx context.Context) (Caller, error) {
	if err := s.extract(); err != nil {
		return Caller{}, err
	}
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

// extract looks at every known carrier and refuses what no group may excuse.
func (s *search) extract() error {
	if s.attributes.Request == nil {
		return nil
	}
	for _, carrier := range s.route.Claims.Carriers() {
		p, err := s.look(carrier)
		if errors.Is(err, ErrAbsent) {
			continue
		}
		if err != nil {
			return err
		}
		s.found = append(s.found, p)
	}
	return s.refuseStrangers()
}

// look reads one carrier. Its only errors are ErrAbsent and ErrConflict.
func (s *search) look(carrier Carrier) (presented, error) {
	value, presence := s.attributes.Request.Headers.Carried(carrier)
	switch presence {
	case Absent:
		return presented{}, ErrAbsent
	case Single:
		return s.claim(carrier, value)
	case Mangled:
		return s.place(presented{carrier: carrier, err: fmt.Errorf("%w: bytes lost on the way", ErrMalformed)}), nil
	case Repeated:
		s.try("", carrier, OutcomeRepeated)
		return presented{}, fmt.Errorf("%w: %s repeated", ErrConflict, carrier)
	default:
		s.try("", carrier, OutcomeRepeated)
		return presented{}, fmt.Errorf("%w: %s unreadable", ErrConflict, carrier)
	}
}

func (s *search) claim(carrier Carrier, value string) (presented, error) {
	configured, err := s.route.Claims.owner(carrier, value)
	switch {
	case err == nil:
		p := presented{carrier: carrier, configured: configured}
		p.credential, p.err = configured.Extract(s.attributes)
		return s.place(p), nil
	case !errors.Is(err, ErrAbsent):
		return s.place(presented{carrier: carrier, err: err}), nil
	case s.route.Unclaimed == Ignore:
		s.try("", carrier, OutcomeUnclaimed)
		return presented{}, ErrAbsent
	default:
		return s.place(presented{carrier: carrier, err: errUnclaimed}), nil
	}
}

// place finds the group that a carrier's content belongs to: its claimant's,
// or, where nobody claims it, the first that takes anything from the carrier.
func (s *search) place(p presented) presented {
	for group, accepted := range s.route.Accept {
		for _, configured := range accepted {
			if p.configured == configured || p.configured == nil && hasCarrier(configured, p.carrier) {
				p.group = group
				return p
			}
		}
	}
	p.group = -1
	return p
}

func hasCarrier(configured *Configured, carrier Carrier) bool {
	for _, c := range configured.Carriers {
		if c == carrier {
			return true
		}
	}
	return false
}

// refuseStrangers refuses credentials that no group accepts, before any secret
// is checked, unless the route ignores them.
func (s *search) refuseStrangers() error {
	for _, p := range s.found {
		if p.group >= 0 {
			continue
		}
		s.try(p.name(), p.carrier, OutcomeUnaccepted)
		if s.treatment(p.carrier) == Ignore {
			continue
		}
		s.decided = p.name()
		if p.configured == nil {
			return p.err
		}
		return errUnaccepted
	}
	return nil
}

func (s *search) treatment(carrier Carrier) Treatment {
	switch carrier.Kind {
	case HeaderCarrier:
		return s.route.UnacceptedHeader
	case CookieCarrier:
		return s.route.UnacceptedCookie
	default:
		return Refuse
	}
}

// group asks one group: first what it carries, then those without a carrier.
// ErrAbsent sends the search to the next group.
func (s *search) group(ctx context.Context, group int, accepted []*Configured) (Caller, error) {
	claimed, malformed := s.members(group)
	switch {
	case len(claimed) > 1:
		s.noteAll(claimed, OutcomeNotVerified)
		return Caller{}, fmt.Errorf("%w: %s and %s", ErrConflict, claimed[0].carrier, claimed[1].carrier)
	case malformed != nil:
		s.try("", malformed.carrier, OutcomeMalformed)
		return Caller{}, malformed.err
	case len(claimed) == 1:
		return s.verify(ctx, claimed[0])
	default:
		return s.carrierless(ctx, accepted)
	}
}

// members gives what is claimed in the group, and one thing that nobody claims.
func (s *search) members(group int) (claimed []presented, malformed *presented) {
	for i, p := range s.found {
		switch {
		case p.group != group:
			continue
		case p.configured == nil:
			malformed = &s.found[i]
		default:
			claimed = append(claimed, p)
		}
	}
	return claimed, malformed
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
	caller, err := s.authenticate(ctx, p)
	switch {
	case err == nil:
		s.note(p, OutcomeValid)
		return caller, nil
	case errors.Is(err, ErrMalformed):
		s.note(p, OutcomeMalformed)
		return Caller{}, s.invalid(p, err)
	case errors.Is(err, ErrRejected):
		s.note(p, OutcomeRejected)
		return Caller{}, s.invalid(p, err)
	case errors.Is(err, ErrAbsent) && len(p.configured.Carriers) == 0:
		s.note(p, OutcomeAbsent)
		return Caller{}, ErrAbsent
	default:
		s.note(p, OutcomeUnavailable)
		return Caller{}, fmt.Errorf("authenticate by %s: %w", p.name(), hideOutcome(err))
	}
}

func (s *search) authenticate(ctx context.Context, p presented) (Caller, error) {
	if p.err != nil {
		return Caller{}, p.err
	}
	caller, err := p.configured.Authenticate(ctx, p.credential)
	if err != nil {
		return Caller{}, err
	}
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

// hideOutcome keeps an error that means "could not tell" from being taken for
// an absent credential further up.
func hideOutcome(err error) error {
	if errors.Is(err, ErrAbsent) {
		return errors.New("said absent of a carrier that is present")
	}
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
