// Package token knows callers by a token that a store has: personal access
// tokens, machines' tokens, API tokens.
//
// # What it accepts
//
// The header authorization with the scheme Bearer in any case (RFC 6750 section
// 2.1), or another header with the token as its whole value. What the token begins
// with chooses how it is read, the longest prefix first; a value with another
// prefix is somebody else's. A JWT is therefore never looked up, and a token never
// read as a JWT. Without a prefix (a Form whose Prefix is "") it takes whatever is
// nobody else's, as API keys of other systems need it.
//
// Whether a text has the form of a token is told without the store: one that is cut
// short, mistyped, or has white space in it is malformed. One that is unknown, ended
// or wrong is rejected, and the cause in the decision log says which; the client
// sees one answer to all of them. A store or a proof that nobody can tell about is
// neither.
//
// # What a verdict rests on
//
// On the token by id and by what it is looked up by, on its owner, and on the
// organization that is its tenant; it ends with the token. An unknown token depends
// on the reference that was looked for, so that minting it ends the denial. A wrong
// secret is never remembered: proving it may have been slow, and is bounded.
//
// # For maintainers
//
// A revoked token is refused before its secret is looked at, so that nobody makes us
// hash for one. Forms are those of the room tokenform, proofs of the room verifier;
// cmd/sallyport joins them. The room imports authz only.
package token
