// Package staticbearer knows callers by fixed tokens that the configuration lists.
//
// # What it accepts
//
// The header authorization with the scheme Bearer in any case (RFC 6750 section 2.1) and
// one of the tokens: 1 to 1,024 visible ASCII characters without a comma. The scheme
// alone, the header twice, a comma or white space within the token is malformed; a token
// that is unknown, disabled or expired is rejected. It is the authenticator of opaque
// tokens of its carrier: what has the form of a JWT goes to whoever claims JWTs there.
//
// # How tokens are kept and compared
//
// By the SHA-256 of the whole token, so that neither config nor memory holds one, and
// so that a comparison tells nothing of a token's length. What is shown is compared with
// every token of the list in constant time, whatever was found (C05); the list is short,
// at most MostTokens. For long lists, other headers and prefixes there is kind apikey,
// which finds a key by its digest.
//
// # For maintainers
//
// The list itself is authz/keylist. Reuse is allowed; a changed list is a new snapshot.
package staticbearer
