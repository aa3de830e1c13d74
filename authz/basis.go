package authz

import (
	"slices"
	"time"
)

// Basis is what a finding rests on, and with that how long it may be
// remembered. The zero Basis forbids remembering.
type Basis struct {
	// Lasting allows the finding to be remembered at all.
	Lasting bool
	// Until is when it may turn by itself (a credential ends, keys grow too old,
	// a token becomes valid); the zero time is never.
	Until time.Time
	// Stripes stand for everything whose change may turn it. A failed lookup
	// depends on the stripe of what it looked for.
	Stripes []Stripe
}

// Lasting is the Basis of what nothing but a new snapshot can turn.
func Lasting() Basis { return Basis{Lasting: true} }

// And is what two findings together rest on.
func (b Basis) And(other Basis) Basis {
	b.Lasting = b.Lasting && other.Lasting
	if b.Until.IsZero() || !other.Until.IsZero() && other.Until.Before(b.Until) {
		b.Until = other.Until
	}
	b.Stripes = append(slices.Clip(b.Stripes), other.Stripes...)
	return b
}
