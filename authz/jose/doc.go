// Package jose takes signed tokens apart (RFC 7515 section 7.1) and reads the keys that
// they are verified with (RFC 7517), strictly: a text with another spelling is another
// token, and none; nothing that a header says brings a key along; a key under which
// anybody can sign is none. It verifies nothing and knows no caller: the kinds that do
// (jwt, agentjwt) use it. It imports authz/claimset and the standard library.
package jose
