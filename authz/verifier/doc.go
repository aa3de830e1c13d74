// Package verifier proves secrets against what a store holds of them, and makes what
// a store holds. The texts in authz.Token.Verifier and authz.Principal.Verifier are
// this room's, and nobody else reads them.
//
// # The texts
//
// They look like PHC strings; base64 is RFC 4648 section 4 without padding.
//
//	$hmac-sha256$k=<key>$<base64>         made here, for random tokens: fast
//	$sha256$<64 hex>                      imported: SHA-256 of the whole token: fast
//	$better-auth$<43 base64url>           imported: the same as Better Auth keeps it
//	$pbkdf2-sha256$i=<n>$<salt>$<hash>    made here, for what people choose: slow
//	$2b$<cost>$<salt and hash>            imported: bcrypt, also 2a and 2y: slow
//	$argon2id$v=19$m=,t=,p=$<salt>$<hash> imported: slow
//
// A text has one spelling. What it may cost is bounded (see the file of each scheme):
// an imported one that would take longer is refused by Import, and a row that holds
// one nevertheless is "could not tell", like every text that cannot be read.
//
// # Server keys
//
// hmac-sha256 is HMAC under one of the keys that the process was given, so that a
// stolen database verifies nothing. CheckKeys compares them with what the store
// recorded of them: a wrong key and a missing one are told before anything is served.
// New texts are made under the first key; those under another one are Outdated, and so
// are imported digests but for Better Auth's, bcrypt, and fewer rounds than are made
// today. Renew makes of a secret that has just been proven what is made today; a key
// that no text is under any more, which KeyOf tells, can be left out.
//
// # Slow hashes
//
// A slow hash is worth more to whoever makes us do it than to us. So each attempt on
// a slow text goes, in this order:
//
//	remembered   a secret that fitted this text before passes at once
//	even         all others wait until 2 ms after the search for the text began, so
//	             that what was found does not show in how long they take
//	joined       the same attempt is under way: it is waited for
//	full         more than Settings.Queue wait: ErrFull, which is 503
//	limited      by address, then by account: authz.ErrThrottled, which is 429
//	run          in a pool of Settings.Workers, oldest first
//
// A run is not ended with its request: it takes longer than a request may wait, is
// remembered, and whoever comes back a second later passes. A request that ends
// before its run gets an error, which is 503.
//
// What is remembered is a fact about two texts that cannot become untrue; that the
// text still stands in the store, in a row that is still good, is asked by whoever
// calls Verify, each time. So it dies with its row. It is kept as an HMAC under a key
// of the process, in bounded memory.
//
// An unknown name is an Attempt without a Verifier: it goes the same way at the same
// cost, and fails. The cost is that of what Password makes; rows of another scheme or
// with other rounds, which only imports have, can be told from unknown names by
// their time until their passwords are set anew. Passwords are compared byte by byte:
// their Unicode form is not changed.
//
// # For maintainers
//
// cmd/sallyport makes one Verifier a process, out of its key files and two limits of
// authz/limit, and hands it to the kinds and to whoever mints. It imports authz,
// golang.org/x/crypto and golang.org/x/sys (a timer). argon2id uses as many threads as its text says (at most 4),
// which the pool does not count.
package verifier
