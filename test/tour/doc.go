// Command tour walks through an example: it starts an upstream that answers
// with what reached it, Sallyport, and a real Envoy, all on loopback, sends the
// requests of the example's tour.yaml through Envoy, and prints what came of
// each. Reason and rule come from Sallyport's decision log, found by the
// x-request-id that Envoy gives every request.
//
//	go run ./test/tour [-stay] [-sallyport program] examples/prood
//
// Where the example has a store, its seed.sh fills it by the program's own commands
// while the server runs, and the requests use the secrets that it printed.
//
// A script that tour.yaml names as beside runs from before Sallyport's start to the
// end: a program of the example's that Sallyport or the proxy asks.
//
// It ends with an error when anything is not as tour.yaml says. With -stay it
// keeps all running afterwards, for tries by hand, until it is interrupted.
package main
