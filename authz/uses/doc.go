// Package uses notes when a store's tokens were last used.
//
// A verdict that is remembered never reaches the authenticator, so that the
// authenticator cannot note a use. The Recorder here is one of the process's
// recorders (authz.Recorder): it gets one event a Check, hits included, and notes the
// token id of each one that was allowed, where the caller's authenticator is of a
// kind whose ids are the store's.
//
// # What a caller may rely on
//
// Record takes a lock for as long as a map's assignment takes and never waits for the
// store. Run hands what was noted to the store: a token that was quiet soon, within
// Every; a busy one again when Pause is over. With the defaults a use is in the store
// within 55 seconds, and a token is written at most once in 50. What the store does
// not take is handed over again. What is noted is bounded: uses of more tokens
// than that are dropped and counted, and never a Check. A process that is killed loses
// what it has not handed over yet; one that ends hands over all.
//
// The room imports authz only; cmd/sallyport makes one Recorder for the process.
package uses
