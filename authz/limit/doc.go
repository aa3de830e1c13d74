// Package limit holds back whoever does something too often: one bucket of tokens
// (golang.org/x/time/rate) for each key, in bounded memory.
//
// A bucket that nobody has asked for since it would have been full again is
// forgotten, which changes nothing. Where more keys are at work than Settings.Keys,
// the buckets that were not asked for longest are forgotten early and are full
// when their keys come back: whoever has that many addresses or names has that many
// full buckets anyway. Keys are kept as seeded hashes, never as texts; two that
// share one by chance share a bucket, and nobody outside the process can find such.
//
// cmd/sallyport makes a Keyed for each limit and hands it to the room that asks, as
// an interface of that room. It imports no room of ours.
package limit
