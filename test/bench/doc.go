// Command bench measures what a Check costs the server, beside a server that
// does nothing, in the same run on the same machine:
//
//	make bench
//	go run ./test/bench [-windows 21] [-window 300ms] [-raw] [-out file]
//
// Sallyport runs as the program that it is, with its decision log and its
// metrics; the no-op is grpc-go's generated server, once with grpc-go's defaults
// and once with our server options. Every server is a process of its own, and so
// is the client, which keeps a fixed number of Checks under way. What counts is
// the server process's own CPU clock, divided by the Checks that it answered:
// neither the client nor anything else on the machine is in it.
//
// Only ratios are told of one another: the windows of a round lie side by side,
// so that a busy machine changes both sides of a ratio. A single window is good
// to a factor of two, the median of 21 to about a tenth.
//
// Every answer is looked at: one that is no allow, or names another caller than
// the one who asked, ends the run with an error.
package main
