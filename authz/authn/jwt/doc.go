// Package jwt knows callers by a signed token (RFC 7519) of one issuer, whose keys
// rotate. cmd/sallyport makes an Authenticator and its Source of the configuration.
// The room imports authz, authz/claimset, authz/jose and the standard library: Go's own
// signatures leave nothing for a JOSE library to do but to be laxer than the rules below.
//
// # What is a token
//
// One header, authorization with the scheme Bearer (RFC 6750 section 2.1) or
// another that holds the token alone. Three segments of canonical base64url, at
// most 8 KiB, of which the header has 1 KiB. Header and claims are JSON objects in UTF-8 in which no member
// stands twice, at most 16 levels deep. A text with another spelling is another
// token, and none: nobody gets past a revocation by editing a character. Refused
// are crit, b64, zip, enc, and every key or address of a key in the header (jwk,
// jku, x5u, x5c): nothing there is ever followed.
//
// # Whose it is
//
// alg is one of the settings' list and the one of the key: a key is made for one
// algorithm, by its own alg or by its curve; an RSA key without alg is RS256's.
// typ is one of the list (RFC 8725 section 3.11). kid is looked up and nothing
// else; a token without one needs the only key for its alg. iss is the issuer
// and aud names one of the audiences, exactly. exp is needed; exp, nbf and iat are
// whole seconds, and the issuer's clock may differ by the skew. Caller.Expires is
// exp and the skew.
//
// # Which keys
//
// use and key_ops must allow verifying. Left out, one by one, are RSA keys below
// 2,048 or above 8,192 bits, with an even or tiny exponent or of the generator of
// CVE-2017-15361, points that are not on their curve or that anybody can sign
// under, private keys, shared secrets shorter than their hash, and ids that two
// keys have. Shared secrets never stand beside public keys, nor among fetched
// ones. A set without a fit key, or of more than 256, is not installed; metadata
// that came over https names an https place.
//
// # How long
//
// Fetched keys are refreshed ahead of time and at most once in the least interval,
// also where unknown kids are presented: such a token waits for the fetch, if one
// may begin, and is else rejected; of more than 128 that wait at once nobody can
// tell, so that an issuer that hangs holds up nobody else. While the issuer cannot be reached the last good
// set stays in use to its age; from then on nobody can tell. What comes, goes or
// changes is announced to authz.Changes by source and kid, so that verdicts under
// a withdrawn key, and denials for an unknown one, end at once.
package jwt
