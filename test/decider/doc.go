// Package decider holds the real program against a reference that decides who calls.
//
// The reference is reference.go, read.go and claimed.go: slow, obvious, written from
// the rules (design.md section 3, threats.md 2.2) and not from the code of authz. It is
// given a description of a route, of the authenticators of its host block and of how it
// stands with each credential of a request, and says what has to come of it: allowed as
// whom, or refused with which status and for which reason.
//
// A World writes the same description as a configuration and starts the program with
// it, with a store, an issuer whose keys cannot be had, and an endpoint that has agents
// and sessions on record. A Kind makes credentials of one kind in each of the six states.
// Cases are the matrix of T-M8 and requests drawn at random. World.Try asks the program
// about one case, again when it may be remembered, and about a neighbour of it, and gives
// the first difference.
//
// Tenants are another world: a hundred tenants, for each of which is asked with the
// credentials of each (T-C15).
//
// The torture cases decider and tenants go through all of them, `make test` through a
// hundredth. The tests here show T-M1 to T-M7 by name, and that defects are found.
package decider
