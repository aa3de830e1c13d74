// Package tokenform is what tokens look like: how they are made, and what can be
// told of a text before anybody is asked whether it is one of ours.
//
// # The two forms
//
// A token of prefix mbz_ is
//
//	mbz_ <id: 8 hex> _ <secret: 64 hex>
//
// in lower case: 77 characters, the form of the system that has had it first.
// Its secret has 256 bits; a mistyped digit cannot be seen in it.
//
// A token of any other prefix, which is 2 to 16 letters a to z and "_", is
//
//	pfy_ <id: 12> _ <secret: 32> <checksum: 7>
//
// in the 32 characters 0-9 a-z without i, l, o and u (Crockford's), in lower case.
// The id has 60 random bits, the secret 160. The checksum is the CRC-32 (IEEE) of
// everything before it, the prefix included: every change of one character, and of
// two that lie side by side, changes it. It keeps nothing secret and proves
// nothing; it tells a copy that was mistyped or cut from a token that nobody knows,
// without asking a store, and lets a scanner tell a token from a text that only
// looks like one. Pattern gives the regular expression for scanners.
//
// The id is public: logs and lists show it, stores look up by it. What is proven is
// the whole text, prefix and id included.
//
// # Tokens of others
//
// Tokens that another system made may have any form. Whole gives what they are
// looked up by: the SHA-256 of the whole text. FromSHA256 and FromBetterAuth give the
// same from what the other system kept, so that they can be taken over without being
// known.
//
// # What a caller may rely on
//
// A token has one spelling: Parse takes no upper case, no padding and no white
// space. No error holds any part of the text. The room imports authz and the
// standard library; cmd/sallyport and those who mint use it. Ids are random: who
// mints takes another one where a store says authz.ErrExists, which with mbz_'s 32
// bits happens to one in a hundred among ten thousand tokens.
package tokenform
