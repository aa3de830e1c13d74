// Package records asks another system, over HTTP, for what it has on record: API keys,
// agents, sessions, and who is a member of what. It is for systems that issue
// credentials of their own and have no endpoint by which one could ask about them: the
// operator runs a small one beside the system (examples/prood has one for Better Auth).
//
// # The question
//
// One URL, POST, application/json, with Authorization: Bearer and a secret that only
// this service and the endpoint have:
//
//	{"kind":"key","id":"..."}      id: the SHA-256 of the whole key, base64url without padding
//	{"kind":"agent","id":"..."}    id: the agent's
//	{"kind":"session","id":"..."}  id: the session's token
//	{"kind":"members","id":"..."}  id: the user's
//
// # The answer
//
// A 200 of application/json, at most 256 KiB, in which no member stands twice:
// {"found":false}, or {"found":true,"record":{...}} with
//
//	key      digest, id, user, enabled, expires, tenant, scopes (null: none were ever given)
//	agent    id, user, status, expires, tenant, host_id, host_thumbprint, public_key (a JWK or null),
//	         grants: [{capability, status, expires, constrained}]
//	session  id, user, expires, tenant
//	members  user, members: [{id, organization, role, created}]
//
// Times are RFC 3339, and null is never. A record is for the id that was asked about
// (digest, id, user), or it is none: a session has no name of its own to compare. Other
// members are ignored. Everything else, a 404 among it, is "could not tell", and never
// remembered: a wrong URL must not turn everybody's key into an unknown one.
//
// # How long
//
// Each kind of fact has its age (Ages), which is in the Basis of what is found and of
// what is not; see authz/facts for how questions are shared and bounded. A session is
// never remembered beyond its end.
//
// # Members
//
// Standing says who somebody is in the organization that a credential names: a member,
// with the scopes that the role may be granted, or nobody. Where the credential names
// none, the earliest membership counts, by when it was made and then by its id, so that
// the same one is found each time.
package records
