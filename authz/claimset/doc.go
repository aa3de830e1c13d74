// Package claimset reads what issuers say of a caller: the claims of a token (RFC
// 7519 section 4), and the answer of an introspection endpoint (RFC 7662 section 2.2).
// A text that two readers could read in two ways is none. Names say which claim is which
// part of a caller. The kinds that know callers by such claims use it; it imports authz.
package claimset
