// Package host knows a tenant by the host that is asked for: a storefront is
// public, and still somebody's.
//
// # What it accepts
//
// A verified custom domain of a tenant, or {slug}.platform with exactly one
// label before the platform's domain. The host is the request's :authority in
// its canonical form; headers such as x-forwarded-host are never looked at. An
// unverified domain, a reserved or unknown slug, two labels, the platform's own
// domain and a connection without a request are absent, never rejected: a host
// is no secret that could be wrong.
//
// Hosts stand in the settings, in a store, or in both. A store has custom domains and
// slugs in one list, a slug by its whole name: slug.platform is one more verified
// domain of its tenant, which the store keeps from having two owners. So a slug is
// no second name of an organization that could come to mean another one, and changes
// without it. A name that the settings give to a tenant, verified or not, is not looked
// up in the store, nor is the platform's own, a reserved slug or two labels. What the store says rests on the domain and on its
// organization; of a store that cannot tell the answer is "could not tell", never
// absent, since that would make a tenant's caller an anonymous one.
//
// # Whom it gives
//
// A caller with the tenant and the configured scopes and without a subject: a
// host says whose shop it is and not who comes in. Policies that ask for a
// person must look at caller.subject, which is empty here as for anonymous.
//
// # For maintainers
//
// cmd/sallyport makes an Authenticator from its config. The room imports authz
// only. Custom domains under the platform's domain are refused in the settings, so
// that no domain there can stand in for another tenant's slug, whatever the order of
// lookup.
package host
