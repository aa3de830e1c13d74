// Package apikey knows callers by a random key in a header.
//
// # What it accepts
//
// One header, by default x-api-key, with the key as its whole value; or the
// header authorization with the scheme Bearer in any case (RFC 6750 section
// 2.1). With a prefix, as in "pk_", only values that begin with it are claimed;
// the prefix is part of the key. A key is 1 to 1,024 visible ASCII characters
// without a comma. The header twice, a comma or white space within the value is
// malformed; a key that is unknown, disabled or expired is rejected, and the
// cause in the decision log says which.
//
// # How keys are kept
//
// By the SHA-256 of the whole key, so that neither config nor memory holds one.
// A plain hash is right for random keys of 128 bits or more and wrong for words
// that people choose: those need a kind with a slow hash.
//
// # Keys of another system
//
// Recorded looks a key up by its digest where another system keeps it (Better Auth's
// apiKey plugin has the same digest, in base64url: F-2). Nothing of the key leaves, and
// no quota is used up. What the record says of tenant and scopes is written by whoever
// made the key, so that it is a claim: the owner must be a member of that organization
// now, and of the scopes those count that the member's role may be granted. A key that
// names no organization, or one where its owner is no member, is barred: 403, with the
// details no_tenant and no_member.
//
// # For maintainers
//
// cmd/sallyport makes an Authenticator from its config, with a fixed list of
// keys; a changed list is a new snapshot. The list itself is authz/keylist. Reuse is
// allowed: a key means the same until it expires, and Caller.Expires says when.
package apikey
