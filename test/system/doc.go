// Package system tests the whole: the real program, built from this tree, asked
// by a real Envoy, with an upstream behind it that shows what it got. The rows
// of the requirements that need nothing but that are subtests by their ids.
//
// It has no code of its own; test/mesh starts what it needs.
package system
