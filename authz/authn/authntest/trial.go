package authntest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// trial is one clause under way. Its subject is for clauses that need only one.
type trial struct {
	t       testing.TB
	suite   Suite
	subject Subject
}

func newTrial(t testing.TB, s Suite) *trial {
	t.Helper()
	return &trial{t: t, suite: s, subject: s.New(t)}
}

func (tr *trial) carried() bool { return len(tr.subject.Traits.Carriers) > 0 }

// fresh gives a subject that has seen no credential yet, where that matters.
func (tr *trial) fresh() authz.Authenticator {
	if tr.subject.Traits.Reuse == authz.ReuseAllowed {
		return tr.subject.Authenticator
	}
	return tr.suite.New(tr.t).Authenticator
}

// attributes are complete, with the value where the kind looks for it.
func (tr *trial) attributes(value string) *authz.Attributes {
	a := Full()
	if tr.suite.Present != nil {
		tr.suite.Present(a, value)
	}
	return a
}

// ending is all that one authenticator did with one request.
type ending struct {
	Outcome authz.Outcome
	Name    string
	Secret  string
	Caller  authz.Caller
	Basis   authz.Basis
	// Extracted tells that Extract gave no error.
	Extracted bool
	err       error
}

// try extracts and authenticates. What it gives as error breaks the contract
// whatever the value.
func (tr *trial) try(ctx context.Context, of authz.Authenticator, a *authz.Attributes) (ending, error) {
	credential, err := of.Extract(a)
	if err != nil {
		outcome, broken := outcomeOf(err)
		if outcome != authz.OutcomeAbsent && outcome != authz.OutcomeMalformed {
			broken = errors.Join(broken, fmt.Errorf("Extract gave %s", outcome))
		}
		return ending{Outcome: outcome, err: err}, broken
	}
	e := ending{Name: credential.Name, Secret: credential.Value.Reveal(), Extracted: true}
	credential.Address = a.Peer.Address
	caller, basis, err := of.Authenticate(ctx, credential)
	e.Basis = basis
	if err != nil {
		e.err = err
		outcome, broken := outcomeOf(err)
		e.Outcome = outcome
		if outcome == authz.OutcomeAbsent && tr.carried() {
			broken = errors.Join(broken, errors.New("Authenticate gave absent though there is a carrier"))
		}
		if !reflect.ValueOf(caller).IsZero() {
			broken = errors.Join(broken, errors.New("a caller stands beside an error"))
		}
		return e, broken
	}
	e.Outcome, e.Caller = authz.OutcomeValid, caller
	return e, filledByFlow(caller)
}

// same compares what a decision could depend on; the texts of errors are not.
func (e ending) same(other ending) bool {
	e.err, other.err = nil, nil
	return reflect.DeepEqual(e, other)
}

// outcomeOf reads an error by its sentinel. Two sentinels in one error would
// let the order of a switch decide.
func outcomeOf(err error) (authz.Outcome, error) {
	var found []authz.Outcome
	for _, s := range []struct {
		sentinel error
		outcome  authz.Outcome
	}{
		{authz.ErrAbsent, authz.OutcomeAbsent},
		{authz.ErrMalformed, authz.OutcomeMalformed},
		{authz.ErrRejected, authz.OutcomeRejected},
		{authz.ErrBarred, authz.OutcomeBarred},
		{authz.ErrThrottled, authz.OutcomeThrottled},
	} {
		if errors.Is(err, s.sentinel) {
			found = append(found, s.outcome)
		}
	}
	switch len(found) {
	case 0:
		return authz.OutcomeUnavailable, nil
	case 1:
		return found[0], nil
	default:
		return authz.OutcomeUnavailable, fmt.Errorf("error wraps more than one sentinel: %v", found)
	}
}

func filledByFlow(caller authz.Caller) error {
	if caller.Authenticator != "" || caller.Kind != "" || caller.Downgraded {
		return errors.New("the caller holds what the flow fills in: Authenticator, Kind or Downgraded")
	}
	return nil
}
