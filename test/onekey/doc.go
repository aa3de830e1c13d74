// Package onekey holds remembered verdicts against computed ones: it draws
// requests out of so few values that keys meet often, asks one Authorizer that
// remembers and one that forgets, and tells the first difference that a client,
// an upstream or a record could see.
//
// The tests of cmd/sallyport run it over a compiled configuration, the torture
// case verdicts over snapshots that Build makes, and the tests here over
// memories and key plans with a defect, which it has to find. Stored changes what a store
// says between the requests, in the same way.
package onekey
