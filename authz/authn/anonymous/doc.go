// Package anonymous knows everybody, as the caller with an empty subject.
//
// # What it accepts
//
// Any request and any connection. It has no carrier and reads no field, so it
// belongs in the last group of a route: whoever presents a credential that the
// route accepts is asked for that first. In production a route that accepts it
// says `public: true`, and the authenticator has a limit for each address, which the
// flow asks on every Check: limit: {per_second: 10, burst: 50}.
//
// # For maintainers
//
// cmd/sallyport makes one. The room imports authz only.
package anonymous
