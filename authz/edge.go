package authz

import (
	"errors"
	"net/netip"
)

// ErrChannel: the request came by a way that its credential may not come by. Nobody
// looked at the credential.
var ErrChannel = errors.New("channel refused")

// Edge is a rule about the way by which a credential comes: over HTTPS, from a page of
// a known site. It is safe for parallel use, needs no secret and no I/O, and looks at
// no field but its Reads.
type Edge interface {
	// Admit gives ErrChannel or no error; any other one is "could not tell".
	Admit(*Attributes) error
	Reads() Reads
}

// Protected reports whether nobody on the way to the proxy could read what the request
// carries: it came over proven HTTPS, or from the proxy's own machine. The path of a
// socket is the listener's own and tells nothing of who connects: it proves nothing.
func (a *Attributes) Protected() bool {
	return a.Request != nil && a.Request.Secure || isLoopback(a.Peer.Address)
}

func isLoopback(address string) bool {
	at, err := netip.ParseAddr(address)
	return err == nil && at.IsLoopback()
}

// admit asks the edges of an authenticator, before its credential is looked at. A
// refusal says nothing about the credential: it is final, whatever on_invalid says.
func (s *search) admit(p presented) error {
	for _, edge := range p.configured.Edges {
		err := edge.Admit(s.attributes)
		switch {
		case err == nil:
			continue
		case errors.Is(err, ErrChannel):
			s.note(p, OutcomeChannel)
			return outcome{ErrChannel, err}
		default:
			s.note(p, OutcomeUnavailable)
			return outcome{nil, err}
		}
	}
	return nil
}
