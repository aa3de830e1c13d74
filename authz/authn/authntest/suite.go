package authntest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// Subject is an authenticator under test with what its kind says of it.
type Subject struct {
	Traits        authz.Traits
	Authenticator authz.Authenticator
}

// Suite is what one kind brings to the contract.
type Suite struct {
	// New makes a fresh subject; all of them know the same values.
	New func(testing.TB) Subject
	// Present puts a value where the kind looks for it: ByHeader, ByCookie,
	// ByHost or one of the kind's own. nil presents nothing.
	Present func(*authz.Attributes, string)
	// Valid, Rejected, Barred, Malformed, Absent and Unavailable are values by how
	// they end. A kind with a carrier needs valid, rejected and malformed ones of at
	// least eight bytes, so that they can be searched for where secrets leak.
	Valid       []string
	Rejected    []string
	Barred      []string
	Malformed   []string
	Absent      []string
	Unavailable []string
}

// shortestSecret keeps the search for leaks from finding a value by chance.
const shortestSecret = 8

// Run checks the contract, one subtest a clause.
func Run(t *testing.T, s Suite) {
	t.Helper()
	for _, c := range clauses() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(newTrial(t, s)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check gives what Run would report, so that the suite can be tested itself.
func Check(t testing.TB, s Suite) error {
	t.Helper()
	var all []error
	for _, c := range clauses() {
		if err := c.check(newTrial(t, s)); err != nil {
			all = append(all, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(all...)
}

// clause is one sentence of the contract. A check reports every breach it finds.
type clause struct {
	name  string
	check func(*trial) error
}

func clauses() []clause {
	return []clause{
		{"samples", checkSamples},
		{"traits", checkTraits},
		{"nothing presented is absent", checkAbsent},
		{"each value ends as listed", checkOutcomes},
		{"an ended context makes nothing bad", checkEndedContext},
		{"undeclared fields change nothing", checkUndeclared},
		{"declared fields can matter", checkDeclared},
		{"secrets never show", checkSecrets},
		{"same twice", checkRepeat},
		{"attributes stay as they were", checkUnchanged},
		{"in parallel", checkParallel},
	}
}

// sample is one value with how it ends.
type sample struct {
	value string
	want  authz.Outcome
}

func (s sample) String() string { return fmt.Sprintf("%s value %.20q", s.want, s.value) }

func (s Suite) samples() []sample {
	var all []sample
	add := func(values []string, want authz.Outcome) {
		for _, value := range values {
			all = append(all, sample{value, want})
		}
	}
	add(s.Valid, authz.OutcomeValid)
	add(s.Rejected, authz.OutcomeRejected)
	add(s.Barred, authz.OutcomeBarred)
	add(s.Malformed, authz.OutcomeMalformed)
	add(s.Absent, authz.OutcomeAbsent)
	add(s.Unavailable, authz.OutcomeUnavailable)
	return all
}

// checkSamples refuses a suite that would pass because it tries nothing.
func checkSamples(tr *trial) error {
	s := tr.suite
	if len(s.Valid) == 0 {
		return errors.New("the suite lists no valid value")
	}
	if !tr.carried() {
		return nil
	}
	if s.Present == nil || len(s.Rejected) == 0 || len(s.Malformed) == 0 {
		return errors.New("a kind with a carrier needs Present, and rejected and malformed values")
	}
	for _, value := range append(append([]string(nil), s.Valid...), s.Rejected...) {
		if len(value) < shortestSecret {
			return fmt.Errorf("value %q is shorter than %d bytes", value, shortestSecret)
		}
	}
	return nil
}
