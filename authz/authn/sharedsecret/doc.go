// Package sharedsecret knows one caller, a service that sends webhooks say, by a secret
// that it shares with the operator.
//
// # What it accepts
//
// One header that the settings name, with the secret as its whole value: 1 to 1,024
// visible ASCII characters without a comma. Each of the configured secrets is good, so
// that one can follow another. All are compared, in constant time and by their digests,
// whatever was found (P41).
//
// With Query the caller speaks for the tenant that one parameter of the query names, and
// that must stand there once and be among Tenants. A caller of
// another tenant, or of none, has no tenant: the route's own tenant source (query:NAME)
// answers 400 to two values, and the shipped policy 403 to a tenant that is not the
// caller's. Whoever holds the secret may name any tenant that is accepted.
//
// # For maintainers
//
// The kind keeps digests only. Reuse is allowed; a replaced secret is a new snapshot.
// What a secret may be is authz/keylist's.
package sharedsecret
