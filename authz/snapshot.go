package authz

import "slices"

// Snapshot is one immutable compilation of config, routes and policies. It is
// swapped as a whole; no Check sees parts of two.
type Snapshot struct {
	// Generation counts the snapshots of this process from 1.
	Generation uint64
	Router     Router
	Policy     Policy
	// Carriers are those of every configured authenticator, and authorization.
	Carriers []Carrier
	// Format is for denials that no host block stands behind.
	Format *DenialFormat
	// Life bounds what is remembered of verdicts; zero remembers nothing.
	Life Life

	hidden Hidden
}

// NewSnapshot completes a snapshot: authorization is always a carrier.
func NewSnapshot(s Snapshot) *Snapshot {
	always := InHeader("authorization")
	if !slices.Contains(s.Carriers, always) {
		s.Carriers = append([]Carrier{always}, s.Carriers...)
	}
	s.hidden = NewHidden(s.Carriers)
	return &s
}

// complete tells a snapshot that NewSnapshot made from any other, which knows
// neither what to hide from policies nor what to strip.
func (s *Snapshot) complete() bool {
	return s.Router != nil && s.Policy != nil && s.hidden.headers != nil
}
