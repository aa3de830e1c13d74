package authz

import (
	"errors"
	"fmt"
	"slices"
)

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
	return slices.Contains(configured.Carriers, carrier)
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
