// Package tenant finds the tenant that a request concerns, in the one place
// that the route declares: the caller, a parameter of the path, or of the query.
//
// A tenant that a credential or a path names is a claim. Members asks a store
// whether the caller belongs to it, for the routes that want to know, and what of the
// caller's scopes the membership leaves.
//
// cmd/sallyport makes the sources out of the configuration; the flow in package
// authz asks them through authz.TenantSource, after the caller is known and
// before the policy is evaluated. It may import the standard library and
// package authz, nothing else.
package tenant
