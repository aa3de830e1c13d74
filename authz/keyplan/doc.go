// Package keyplan makes the keys under which verdicts are remembered: from what
// the stages of a route may look at (their Reads) to one digest a request. It
// imports authz and the standard library only; cmd/sallyport makes one Keys for
// the process and a Plan for each route of a snapshot.
//
// # What stands in a key
//
// The route and the plan's own fields; every field that an accepted
// authenticator, the tenant source, the policy or the answer to the upstream may
// look at, as that stage would see it or finer; and for each known carrier that
// no accepted authenticator reads, whether it is empty and who claims it, since
// that alone can turn a verdict there. Each part is preceded by its length, and
// absent differs from empty.
//
// # What every change must keep
//
// A key may be finer than the verdict needs, which costs misses, and never
// coarser, which hands one request another's verdict. A field that nobody knows
// how to write has no plan at all. The digest is an HMAC under a key of the
// process, so that nobody outside can aim for another's.
package keyplan
