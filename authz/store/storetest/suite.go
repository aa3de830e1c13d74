package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Suite is what one engine brings to the contract.
type Suite struct {
	// New makes an empty engine that reads the time from now.
	New func(t testing.TB, now func() time.Time) Engine
	// Reopen ends an engine as its process's end would and opens what it kept. It
	// is nil for an engine that keeps nothing.
	Reopen func(t testing.TB, ended Engine, now func() time.Time) Engine
}

// Run checks the contract, one subtest a clause.
func Run(t *testing.T, s Suite) {
	t.Helper()
	for _, c := range clauses() {
		t.Run(c.name, func(t *testing.T) { c.check(newScene(t, s)) })
	}
}

// Check gives what Run would report of a clause, or of all where it is "", so that
// the suite can be tested itself. Each breach begins with its clause.
func Check(t testing.TB, s Suite, only string) error {
	t.Helper()
	var all []error
	for _, c := range clauses() {
		if only != "" && only != c.name {
			continue
		}
		for _, breach := range record(t, func(t testing.TB) { c.check(newScene(t, s)) }) {
			all = append(all, fmt.Errorf("%s: %s", c.name, breach))
		}
	}
	return errors.Join(all...)
}

// clause is one sentence of the contract.
type clause struct {
	name  string
	check func(*scene)
}

func clauses() []clause {
	return []clause{
		{"a minted token is found by its reference", checkMint},
		{"a reference is taken once and for ever", checkReferences},
		{"a number of tokens bounds them", checkMost},
		{"a rotated token ends after the overlap", checkRotate},
		{"a successor that is refused leaves the old token alone", checkRotateRefused},
		{"a revoked token stays revoked", checkRevoke},
		{"a token is active until it expires", checkExpiry},
		{"last use never goes back", checkUsed},
		{"ids are never used again", checkIDs},
		{"a principal has one login", checkPrincipals},
		{"a machine with a password has no tokens", checkOneCredential},
		{"a principal's tokens share their fate", checkOwned},
		{"a principal's networks bound their tokens", checkOwnersNetworks},
		{"a removed principal leaves nothing", checkRemovedPrincipal},
		{"organizations", checkOrganizations},
		{"memberships", checkMembers},
		{"a verified name is one organization's", checkDomains},
		{"a removed organization leaves nothing", checkRemovedOrganization},
		{"server keys never change", checkServerKeys},
		{"a renewed verifier turns nothing", checkRenewal},
		{"verifiers are those that may still prove something", checkVerifiers},
		{"texts that look alike stay apart", checkAlike},
		{"what no store could hold is not found", checkUnstorable},
		{"changes that are none are refused", checkInvalid},
		{"lists are sorted, chosen and paged", checkLists},
		{"queries that are none are refused", checkQueries},
		{"feed and audit are paged", checkPages},
		{"no proof shows in feed and audit", checkProofs},
		{"nothing is shared with the store", checkShared},
		{"an ended context is could-not-tell", checkEnded},
		{"a context that ends meanwhile leaves all or nothing", checkEnding},
		{"of parallel mints of one reference one wins", checkOneWins},
		{"parallel mints do not exceed a number", checkParallelMost},
		{"of parallel changes to one thing one is made", checkRaces},
		{"what is removed stays gone whatever is added meanwhile", checkParallelRemovals},
		{"parallel changes stand in one order", checkParallelChanges},
		{"who sees a row sees its change", checkRowThenChange},
		{"who sees a change sees its row", checkChangeThenRow},
		{"nothing is lost when it is opened again", checkReopened},
	}
}

// recorder is a test that notes what another would report.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	breaches []string
}

// record runs a check to its end, or to its first fatal breach.
func record(t testing.TB, check func(testing.TB)) []string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(r)
	}()
	<-done
	return r.breaches
}

// Errorf notes a breach.
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.breaches = append(r.breaches, fmt.Sprintf(format, args...))
}

// Fatalf ends the goroutine of the check.
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
