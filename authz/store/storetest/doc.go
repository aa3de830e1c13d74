// Package storetest is the contract that every engine of a store passes, and
// Memory, an engine that exists for tests only. It is called from tests: Run from
// the test of each engine, NewMemory from tests of what needs a store. It may
// import authz, the standard library, testing included, and go-cmp.
//
// # What Run checks
//
//   - Lookups: a token by its reference, a principal by kind and name, a membership
//     and a domain, each byte by byte, whatever case, collation, column type or
//     Unicode form would make of them. What no store could hold is not found.
//   - Changes: each kind, what it changes and what it leaves alone; what it refuses,
//     by exactly one of ErrNotFound, ErrExists and ErrInvalid; what is no change.
//   - Verifiers: one is put in another's place only where that is still the holder's,
//     and turns nothing; all that may still prove something are told, and no others.
//   - Rows: each change has one row of the feed and one entry of the audit, with the
//     next number, the time, the act and an unbroken chain. The row names what
//     Applied names, and at least all that turned. A refusal and no change have none.
//     This is checked with every change that any clause makes.
//   - Three outcomes: a context that ends is none of the sentinels, and leaves a
//     change made whole or not at all.
//   - Parallel use: one mint of a reference wins, numbers of tokens are kept, the
//     order has no gaps, and neither a row nor its change is seen without the other.
//   - Nothing is shared with the store, no verifier shows in feed or audit, and,
//     where Suite.Reopen is there, nothing acknowledged is lost by closing.
//
// # What it cannot check
//
// That a commit outlives the machine, that admission does not wait for a writer,
// and what a lookup costs: those are the engine's own tests.
package storetest
