package storetest

import "github.com/sallyport-authz/sallyport/authz"

// Engine is what a store's engine implements: every seam of a store.
type Engine interface { //nolint:interfacebloat // an engine is the sum of the seams; whoever uses a store asks for one of them
	authz.TokenStore
	authz.PrincipalStore
	authz.TenantStore
	authz.Applier
	authz.Lister
	authz.Feeder
	authz.UseStore
	authz.VerifierStore
}
