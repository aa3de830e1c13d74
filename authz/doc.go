// Package authz is the core of Sallyport: the nouns, the seams and the one flow
// from a request's attributes to a verdict. It uses the standard library only
// and imports no other room; every other room imports it.
//
// # The flow
//
//	Attributes -- Router.Match --> Route -- Extract* --> Credential -- Authenticate --> Caller
//	           -- TenantSource --> tenant --> Input -- Policy.Decide --> Answer --> Verdict
//
// A verdict that is remembered is told again right after the match (memory.go);
// await.go lets equal requests share one evaluation (flight.go).
//
// Authorizer.Check (authorizer.go) runs it under a deadline and a bound on
// parallel Checks; decision.go holds the stages in their order; extract.go and
// identify.go find the caller among ordered groups of authenticators; claim.go
// says whose a credential is before anybody looks at it; upstream.go says what
// the request carries on its way; format.go says what a denied client sees.
//
// # The seams
//
// Router (room route), Authenticator (rooms authn/...), TenantSource and
// Belonging (room tenant), Policy (room rego), KeyPlan (room keyplan),
// Memory (the cache, by cmd) and Recorder (room decisionlog). Each error that
// crosses a seam wraps one of the sentinels beside it, or means "could not
// tell", which is a denial with the reason unavailable.
//
// # What every change must keep
//
// The zero value of every type denies. Only decision.conclude makes an allow,
// after the evaluation has finished and the context was looked at again.
package authz
