// Package mesh starts the real programs that a tour or a whole-system test
// needs, on loopback ports that are free: Envoy from a shipped bootstrap, and
// Sallyport from a shipped configuration. It waits until they are ready, reads
// Envoy's stats and Sallyport's decision log, and stops them.
//
// Envoy is found by the variable ENVOY, else in the folder that `make tools`
// fills. The shipped files are used as they are: only addresses are replaced.
//
// A foreign npm package is started by a script of ours in JavaScript.
//
// test/tour, test/system, test/bench, test/issuer and test/betterauth use it. It imports
// YAML and nothing of ours.
package mesh
