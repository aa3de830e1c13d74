// Package renewal makes verifiers anew that are outdated: texts of schemes that were
// imported, under an older server key, or with fewer rounds than are made today. Only
// whoever has the secret can make another one of it, so that this happens behind a
// success: the Renewer is offered an attempt that has just been proven, and later,
// never on the way of a Check, puts a new verifier in the old one's place.
//
// # What a caller may rely on
//
// Offer takes a lock for as long as a map's assignment takes and never waits. At most
// Settings.Most attempts wait, one for each holder; others are dropped and counted:
// whoever comes again offers it again. They are worked off one at a time, so that a
// renewal takes no more than one slow hash from whoever logs in. A secret is forgotten
// when its turn is over, when it was dropped and when Run ends.
//
// The change is authz.RenewVerifier, which compares: a password that was changed
// meanwhile stays what it was changed to.
//
// The room imports authz only; cmd/sallyport makes one Renewer for the process.
package renewal
