// Package edge holds the rules about the way by which a credential comes, which an
// operator chooses for an authenticator: over HTTPS only (M04, G42), and, for what
// browsers send by themselves, from pages of known sites only (P28), or with a header
// that only pages of the service's own can set (M33).
//
// The flow in package authz asks them before it looks at the credential, and answers a
// refusal with 403 insecure_transport: the caller may be anybody. From which networks a
// credential may come (G43) is no edge but authz.Networks: see authz/gate.go. What a rule looks at
// stands in its Reads and so in the keys of remembered verdicts.
//
// It may import the standard library and package authz, nothing else.
package edge
