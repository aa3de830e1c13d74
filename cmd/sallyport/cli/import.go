package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// importToken reads what was kept from standard input: a digest is no secret, but
// whoever pastes the token itself by mistake pastes it into no history.
func (c caller) importToken() *cobra.Command {
	request := &adminv1.ImportTokenRequest{Ref: &adminv1.TokenRef{}}
	expires := ""
	var take *cobra.Command
	take = command(c, call[*adminv1.ImportTokenResponse]{
		use: "import --scheme sha256 --subject NAME [--prefix mbz_ --lookup ID]", args: cobra.NoArgs,
		short: "Take over a token of another system, by what that kept of it, read from standard input",
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (answer *adminv1.ImportTokenResponse, err error) {
			if request.Expires, err = parseTime(expires); err != nil {
				return nil, err
			}
			if request.Kept, err = readLine(take.InOrStdin(), "digest or hash"); err != nil {
				return nil, err
			}
			return client.ImportToken(ctx, request)
		},
		show: func(out, _ io.Writer, answer *adminv1.ImportTokenResponse) {
			fmt.Fprintf(out, "imported %s, id %s\n", reference(answer.GetToken().GetRef()), answer.GetToken().GetId())
		},
	})
	request.Grant = grantFlags(take)
	flags := take.Flags()
	flags.StringVar(&request.Scheme, "scheme", "", "how it was kept: sha256 or better-auth, the digest of the whole token, or encoded, a text that names its own scheme")
	flags.StringVar(&request.Ref.Prefix, "prefix", "", prefixWords+"; none, where tokens of several beginnings are known together")
	flags.StringVar(&request.Ref.Lookup, "lookup", "", "the public id in it, as in mbz_ID_secret; without it, the token is looked up by its SHA-256")
	flags.StringVar(&request.Name, "name", "", "what people call it")
	flags.StringVar(&request.Owner, "owner", "", "the id of the principal whose token it is")
	flags.StringVar(&expires, "expires", "", "when it ends, as in 2030-01-31T00:00:00Z; never, where it is left out")
	flags.Uint32Var(&request.Most, "most", 0, "refuse where the owner has as many active ones with the prefix; 0 is no bound")
	cobra.CheckErr(take.MarkFlagRequired("scheme"))
	return take
}
