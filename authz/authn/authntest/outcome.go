package authntest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/sallyport-authz/sallyport/authz"
)

// checkAbsent presents nothing: no carrier, no headers, and the connection of
// Envoy's network filter. A kind without a carrier may know its caller anyway.
func checkAbsent(tr *trial) error {
	withoutCarriers := tr.attributes(tr.suite.Valid[0])
	for _, carrier := range tr.subject.Traits.Carriers {
		removeField(withoutCarriers, carrier.Field())
	}
	var all []error
	for name, a := range map[string]*authz.Attributes{
		"all but the carriers": withoutCarriers,
		"no headers":           {Request: &authz.Request{}},
		"a connection":         {},
	} {
		_, err := tr.fresh().Extract(a)
		if tr.carried() && !errors.Is(err, authz.ErrAbsent) || err != nil && !errors.Is(err, authz.ErrAbsent) {
			all = append(all, fmt.Errorf("%s: got %s, want ErrAbsent", name, fmt.Sprint(err)))
		}
	}
	return errors.Join(all...)
}

func checkOutcomes(tr *trial) error {
	var all []error
	for _, s := range tr.suite.samples() {
		got, broken := tr.try(tr.t.Context(), tr.fresh(), tr.attributes(s.value))
		if broken != nil {
			all = append(all, fmt.Errorf("%s: %w", s, broken))
		}
		if got.Outcome != s.want {
			all = append(all, fmt.Errorf("%s: got %s", s, got.Outcome))
		}
		if s.want == authz.OutcomeMalformed && got.Extracted {
			all = append(all, fmt.Errorf("%s: Extract let it pass", s))
		}
	}
	return errors.Join(all...)
}

// checkEndedContext: a request that ran out of time says nothing about its
// credential.
func checkEndedContext(tr *trial) error {
	ended, cancel := context.WithCancel(tr.t.Context())
	cancel()
	var all []error
	for _, value := range tr.suite.Valid {
		got, broken := tr.try(ended, tr.fresh(), tr.attributes(value))
		if broken != nil || got.Outcome != authz.OutcomeValid && got.Outcome != authz.OutcomeUnavailable {
			all = append(all, fmt.Errorf("valid value %.20q: got %s, %w", value, got.Outcome, broken))
		}
	}
	return errors.Join(all...)
}

// checkRepeat: Extract is a function of the attributes, and a reusable
// credential means the same each time.
func checkRepeat(tr *trial) error {
	var all []error
	for _, s := range tr.suite.samples() {
		a, of := tr.attributes(s.value), tr.fresh()
		first, firstErr := of.Extract(a)
		second, secondErr := of.Extract(a)
		if first.Name != second.Name || first.Value.Reveal() != second.Value.Reveal() || (firstErr == nil) != (secondErr == nil) {
			all = append(all, fmt.Errorf("%s: Extract gave two different credentials", s))
		}
		if tr.subject.Traits.Reuse != authz.ReuseAllowed {
			continue
		}
		one, _ := tr.try(tr.t.Context(), of, a)
		two, _ := tr.try(tr.t.Context(), of, a)
		if !one.same(two) {
			all = append(all, fmt.Errorf("%s: reuse is allowed, and the second use gave %s after %s", s, two.Outcome, one.Outcome))
		}
	}
	return errors.Join(all...)
}

// checkUnchanged compares the attributes with others made the same way.
func checkUnchanged(tr *trial) error {
	var all []error
	for _, s := range tr.suite.samples() {
		a := tr.attributes(s.value)
		if _, err := tr.try(tr.t.Context(), tr.fresh(), a); err != nil {
			all = append(all, fmt.Errorf("%s: %w", s, err))
		}
		if !reflect.DeepEqual(a, tr.attributes(s.value)) {
			all = append(all, fmt.Errorf("%s: the attributes were changed", s))
		}
	}
	return errors.Join(all...)
}

// checkParallel shares subject and attributes among goroutines. Under the race
// detector a write to either is found even where the outcomes stay right.
func checkParallel(tr *trial) error {
	const goroutines = 8
	var (
		group sync.WaitGroup
		found [goroutines]error
	)
	samples := tr.suite.samples()
	shared := make([]*authz.Attributes, len(samples))
	for i, s := range samples {
		shared[i] = tr.attributes(s.value)
	}
	for g := range goroutines {
		group.Go(func() {
			for i, s := range samples {
				got, _ := tr.try(tr.t.Context(), tr.subject.Authenticator, shared[i])
				if tr.subject.Traits.Reuse == authz.ReuseAllowed && got.Outcome != s.want {
					found[g] = fmt.Errorf("%s: got %s", s, got.Outcome)
				}
			}
		})
	}
	group.Wait()
	return errors.Join(found[:]...)
}
