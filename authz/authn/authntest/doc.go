// Package authntest is the contract that every kind of authenticator passes,
// and a fake of one. It is called from tests only: Run from the test of each
// kind, NewFake from tests of the flow. It may import authz and the standard
// library, testing included.
//
// # What Run checks
//
//   - Traits: claims exactly where there are carriers, carriers among the Reads,
//     reuse declared.
//   - Three outcomes: each listed value ends as it is listed, under exactly one
//     sentinel, or under none where nobody can tell. A context that has ended
//     makes no credential bad.
//   - Reads: for complete attributes, changing or removing a field that is not
//     declared changes nothing, and each declared field can change something.
//   - Secrets: no value shows in errors, credentials or callers, in any verb of
//     fmt, in JSON or in slog.
//   - Extract gives the same twice, a reusable credential means the same twice,
//     attributes stay as they were, and all of it holds in parallel.
//
// # What it cannot check
//
// That Extract does no I/O, and that no header is read whose name neither the
// suite (attributes.go) nor the kind's Traits know.
package authntest
