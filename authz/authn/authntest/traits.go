package authntest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

// checkTraits holds the traits against each other.
func checkTraits(tr *trial) error {
	traits := tr.subject.Traits
	var all []error
	if (len(traits.Carriers) > 0) != (len(traits.Claims) > 0) {
		all = append(all, errors.New("claims and carriers go together: one is there without the other"))
	}
	for i, carrier := range traits.Carriers {
		if carrier.Kind == authz.NoCarrier || carrier.Name == "" || slices.Contains(traits.Carriers[:i], carrier) {
			all = append(all, fmt.Errorf("carrier %s is empty or stands twice", carrier))
		}
		if !traits.Reads.Has(carrier.Field()) {
			all = append(all, fmt.Errorf("carrier %s is not among the reads", carrier))
		}
	}
	for i, field := range traits.Reads {
		if field == "" || slices.Contains(traits.Reads[:i], field) {
			all = append(all, fmt.Errorf("read %q is empty or stands twice", field))
		}
	}
	for _, claim := range traits.Claims {
		all = append(all, checkClaim(claim))
	}
	if traits.Reuse != authz.ReuseNever && traits.Reuse != authz.ReuseAllowed {
		all = append(all, fmt.Errorf("reuse %d is unknown", traits.Reuse))
	}
	return errors.Join(all...)
}

func checkClaim(claim authz.Claim) error {
	switch claim.Shape {
	case authz.ShapePrefix:
		if claim.Prefix == "" {
			return errors.New("a claim by prefix names none")
		}
		return nil
	case authz.ShapeJWT, authz.ShapeOpaque:
		return nil
	default:
		return fmt.Errorf("a claim of shape %d claims nothing", claim.Shape)
	}
}
