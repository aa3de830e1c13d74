package cli

import (
	"github.com/spf13/cobra"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// grantFlags are what a credential makes of its bearer.
func grantFlags(command *cobra.Command) *adminv1.Grant {
	g := &adminv1.Grant{}
	flags := command.Flags()
	flags.StringVar(&g.Subject, "subject", "", "who calls with it")
	flags.StringVar(&g.Tenant, "tenant", "", "the organization that the caller belongs to")
	flags.StringVar(&g.Role, "role", "", "the caller's role")
	flags.StringVar(&g.User, "user", "", "the user on whose behalf the caller calls")
	flags.StringSliceVar(&g.Scopes, "scope", nil, "a scope; may be repeated")
	flags.StringSliceVar(&g.Networks, "network", nil, "a network from which it may be used, as in 192.0.2.0/24; may be repeated, and everywhere without it")
	return g
}
