// Command torture is the home of long campaigns: work that finds what a test of
// a few seconds does not.
//
//	make torture                  lists the cases
//	make torture CASE=name        goes on with one where it stopped
//	make torture CASE=name FRESH=1       begins it anew, with a seed of its own
//	make torture CASE=name SEED=7 FROM=90000   does a stretch again, and keeps no state
//
// It ends with 0 only when the whole case was done without a finding. A finding
// is printed with the line that does it again; the case then stays where it was,
// so that the next run shows whether the finding is gone. A run that is
// interrupted, or reaches its time limit, keeps what is done and ends with an
// error that says so.
//
// # A new case
//
// One Case in a file of its own and one line in cases. Its steps are numbered,
// and what a step does depends on the seed and its number only: then any stretch
// can be done again, and the same code runs a hundredth of the steps in `make
// test`, with the race detector and always with the same seed. Size the steps so
// that all of them take less than 40 minutes.
package main
