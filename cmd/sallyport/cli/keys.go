package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// Keys is the command that lists server keys.
func Keys(connect Connect) *cobra.Command {
	keys := tabbed(command(caller{connect: connect}, call[*adminv1.ListServerKeysResponse]{
		use: "keys", short: "List server keys, and how many tokens are still under each", args: cobra.NoArgs,
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (*adminv1.ListServerKeysResponse, error) {
			return client.ListServerKeys(ctx, &adminv1.ListServerKeysRequest{})
		},
		show: func(out, _ io.Writer, answer *adminv1.ListServerKeysResponse) {
			table(out, "ID", "TOKENS")
			for _, key := range answer.GetServerKeys() {
				table(out, key.GetId(), fmt.Sprint(key.GetTokens()))
			}
		},
	}))
	jsonFlag(keys)
	return keys
}
