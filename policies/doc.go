// Package policies holds the Rego that ships and the JSON schema of its input,
// embedded. It has no code: authz/rego loads it, and the documentation links to
// it. It may import embed and nothing else.
//
// The entrypoint is data.sallyport.verdict.answer. It allows a verified caller
// whose tenant is the one that the request concerns, who holds the scopes that
// the route asks for or whom data.custom.allow lets in instead, and whom no
// rule of data.custom.deny refuses. Operators write package custom; every name
// below data.sallyport is ours.
package policies
