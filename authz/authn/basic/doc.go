// Package basic knows callers by a name and a password (RFC 7617): administrators,
// machines, clients.
//
// # What it accepts
//
// The header authorization with the scheme Basic in any case, and after one space
// the standard base64, padded and canonical, of name, colon, password. The first
// colon splits, so that a password may hold more of them and a name none. Both are
// UTF-8 without control characters and not empty. They are compared byte by byte:
// two Unicode forms of one letter are two names, and nothing is normalised. All else
// is malformed. Of white space in it none is guessed away. With FormEncoded both are
// form-urlencoded, as clients of OAuth do it: a colon or a percent sign in a secret comes
// as %3A or %25, and a plus sign is a space.
//
// # Whom it gives
//
// The principal of that name of the first configured kind that has one. One whose
// login is a token, who is disabled or who has no password is refused like one whom
// nobody knows; the cause in the decision log says which.
//
// # What does not show
//
// Every refusal costs the same: all kinds are looked up whichever has the name, and
// one hash is run, for nobody where there is nobody. A refusal is never
// remembered, since it may have been bounded by address and account: the room
// verifier does that, and hands out authz.ErrThrottled.
//
// # For maintainers
//
// A verdict rests on each name that was looked up before the one that was found, on
// the principal by id, and on the organization that is their tenant. cmd/sallyport
// joins the room with a store and with the room verifier. It imports authz only.
package basic
