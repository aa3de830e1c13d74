// Package route finds the route of a request: by host, method and path
// template, or by server name where the check has no request.
//
// It is called by the flow in package authz, through authz.Router, on every
// Check, and made by cmd/sallyport out of the configuration. It may import the
// standard library and package authz, nothing else.
//
// path.go reads a raw path in the one way that leaves no doubt, query.go does
// the same for the query; what two parsers may read in two ways is
// authz.ErrAmbiguous, never a guess. Errors hold no part of the path or the
// query, because clients put credentials there and errors are logged.
// template.go reads path templates, tree.go finds the most specific one, host.go
// the most specific host block; table.go puts them together. No answer depends
// on the order in which blocks and rules are declared: what would depend on it
// is an Error at load.
package route
