// Package introspection knows callers by a token about which its issuer is asked
// (RFC 7662). cmd/sallyport makes an Authenticator of the configuration, and hands it
// what asks over HTTP.
//
// # What is a token
//
// One header, authorization with the scheme Bearer (RFC 6750 section 2.1) or another
// that holds the token alone: 1 to 8 KiB of the characters of a bearer token. It is the
// authenticator of opaque tokens of its carrier, or of those with its prefix. Tokens in
// the form of a JWT go to whoever claims JWTs there (with JWTShaped that is this one,
// beside others that name a typ), and are opaque like any other where nobody does. What
// has another form is malformed, and nobody is asked about it.
//
// # What an answer says
//
// A 200 of application/json, at most 64 KiB, in which no member stands twice at any
// depth. Where active is exactly true, this is a caller; where it is exactly false, the
// token is rejected. Everything else is "could not tell": no answer, another status or
// type, a redirect, no active, "true" or 1, a member that is read and has another type
// than RFC 7662 section 2.2 gives it. It is never remembered.
//
// A token that is active may still be rejected here: because it ended or is not valid
// yet by our clock and the skew, because iss is another issuer (where one is set), aud
// names none of the audiences (which are needed, unless AnyAudience says that every
// active token is meant for us), token_type is none of the types (Bearer unless set
// otherwise, so that a refresh token is no access token), because it is bound to a key
// (cnf) whose proof nobody here verifies, or because the answer names no subject.
// Scopes are the text of RFC 6749 section 3.3, or a list. Other claims are passed by
// name. An answer that says the token again, where others would see it, is no answer.
//
// # How long
//
// An answer holds for MaxAge from when it was asked for, or until the token ends; one
// that rejects for at most five seconds. A verdict that rests on it ends with it, so
// that who is revoked at the issuer is out after MaxAge at the latest. How questions are
// asked, bounded and remembered is authz/facts; all routes share one memory, and a
// reload begins without any.
package introspection
