// Package cli is the commands that administer a store: token, machine, principal,
// org, member, domain and audit, and that for server keys. Each is one call of
// sallyport.admin.v1; who has the commands made says how the service is reached (the
// control socket of a running process, or the store itself under its owner's lock).
//
// What a command prints is for people: a table, or what was done. With --json it is
// the service's own answer as JSON, one object. A secret is printed by mint and rotate
// alone, once, as the only line on standard output; what goes with it is on standard
// error. A password, and what another system kept of a secret, is read from standard
// input and has no flag.
package cli
