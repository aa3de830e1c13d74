package decider_test

import (
	"slices"
	"testing"

	"github.com/sallyport-authz/sallyport/test/decider"
)

// within is how many cases a defect must be found within: less than a hundredth of them.
const within = 1500

type (
	route = decider.Route
	known = decider.Authenticator
)

// TestFindsDefects tells the program of another thing than the reference, a row a defect
// that a chain could have, and wants a difference.
func TestFindsDefects(t *testing.T) {
	file := program(t)
	for name, change := range map[string]func(*decider.Block){
		"what is bad falls to the next":       ofKnown(func(a *known) { a.Next = true }),
		"what may fall is final":              ofKnown(func(a *known) { a.Next = false }),
		"an issuer that cannot be reached is": ofKnown(func(a *known) { a.Down = false }),
		"two in a group are no conflict":      ofRoutes(cut),
		"two in two groups are one":           ofRoutes(join),
		"the last group decides":              ofRoutes(reverse),
		"what nobody claims is overlooked":    ofRoutes(func(r *route) { r.IgnoreUnclaimed = true }),
		"what is not accepted is overlooked":  ofRoutes(func(r *route) { r.IgnoreHeaders = true }),
		"what is not accepted is not":         ofRoutes(func(r *route) { r.IgnoreHeaders = false }),
		"what is malformed is 401":            ofRoutes(func(r *route) { r.Malformed400 = false }),
		"hosts stand for nobody":              ofRoutes(without(decider.Host)),
		"sessions are not taken":              ofRoutes(without(decider.KindSession)),
	} {
		t.Run(name, func(t *testing.T) {
			told := append(decider.MatrixBlocks(), drawn()...)
			for _, b := range told {
				change(b)
			}
			w := begin(t, file, append(decider.MatrixBlocks(), drawn()...), told)
			for number := range uint64(within) {
				if err := w.Try(t.Context(), 1, number, w.Numbered(number)); err != nil {
					t.Logf("%v", err)
					return
				}
			}
			t.Error("it found nothing")
		})
	}
}

func ofRoutes(change func(*route)) func(*decider.Block) {
	return func(b *decider.Block) {
		for _, r := range b.Routes {
			change(r)
			r.Flat = false
		}
	}
}

func ofKnown(change func(*known)) func(*decider.Block) {
	return func(b *decider.Block) {
		for _, a := range b.Authenticators {
			change(a)
		}
	}
}

func isGuest(a *known) bool { return a.Kind == decider.Anonymous }

func cut(r *route) {
	var groups [][]*known
	for _, a := range slices.Concat(r.Accept...) {
		groups = append(groups, []*known{a})
	}
	r.Accept = groups
}

func join(r *route) { r.Accept = [][]*known{slices.Concat(r.Accept...)} }

func reverse(r *route) {
	if !slices.ContainsFunc(slices.Concat(r.Accept...), isGuest) { // who stands last
		slices.Reverse(r.Accept)
	}
}

func without(kind string) func(*route) {
	return func(r *route) {
		var groups [][]*known
		for _, group := range r.Accept {
			group = slices.DeleteFunc(slices.Clone(group), func(a *known) bool { return a.Kind == kind })
			if len(group) > 0 {
				groups = append(groups, group)
			}
		}
		if len(groups) > 0 {
			r.Accept = groups
		}
	}
}
