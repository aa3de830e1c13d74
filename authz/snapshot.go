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

	hidden hidden
}

// NewSnapshot completes a snapshot: authorization is always a carrier.
func NewSnapshot(s Snapshot) *Snapshot {
	always := InHeader("authorization")
	if !slices.Contains(s.Carriers, always) {
		s.Carriers = append([]Carrier{always}, s.Carriers...)
	}
	s.hidden = newHidden(s.Carriers)
	return &s
}
