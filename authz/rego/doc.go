// Package rego evaluates policies: it turns an authz.Input into a document,
// asks the entrypoint and reads the answer. cmd/sallyport makes one Policy for
// each snapshot; the core calls Decide. It may import authz, policies, the
// standard library and OPA, and it is the only room that imports OPA.
//
// New is the whole load: files.go finds and load.go reads the operator's files, guard.go keeps them
// off the shipped rules, literals.go and compile.go check them against the
// schema of the input and without the builtins that reach out, selftest.go runs
// their tests. What New accepts is immutable: a compiler, a prepared query and a
// store that nobody writes to, read through one transaction. Evaluations
// never wait for a load. For each other they wait shortly: there run as many as
// there are processors (turn.go).
//
// Decide allows on exactly true and on an object with "allow": true, read by
// answer.go, and only when the evaluation ended before its deadline. All else is
// an error: undefined, a conflict, an unknown member, an error in a builtin, a
// panic. A builtin that does not look at its cancel makes Decide late; the core
// answers on time all the same and holds a slot for it.
package rego
