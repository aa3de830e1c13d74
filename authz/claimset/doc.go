// Package claimset reads what issuers say of a caller: the claims of a token (RFC
// 7519 section 4), and the answer of an introspection endpoint (RFC 7662 section 2.2).
// A text that two readers could read in two ways is none. It is a leaf: the kinds that
// know callers by such claims use it, and it uses nobody.
package claimset
