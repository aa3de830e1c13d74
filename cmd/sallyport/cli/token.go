package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

func (c caller) token() *cobra.Command {
	return group("token", "Mint, import, list, rotate and revoke tokens",
		c.mintToken(), c.importToken(), c.showToken(), c.listTokens(), c.rotateToken(), c.revokeToken())
}

func (c caller) mintToken() *cobra.Command {
	request := &adminv1.MintTokenRequest{}
	expires := ""
	mint := command(c, call[*adminv1.MintTokenResponse]{
		use: "mint --prefix mbz_ --subject NAME [--scope SCOPE]", short: "Make a token; its secret is shown once", args: cobra.NoArgs,
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (answer *adminv1.MintTokenResponse, err error) {
			if request.Expires, err = parseTime(expires); err != nil {
				return nil, err
			}
			return client.MintToken(ctx, request)
		},
		show: func(out, notes io.Writer, answer *adminv1.MintTokenResponse) {
			showSecret(out, notes, answer.GetSecret(), answer.GetToken())
		},
	})
	request.Grant = grantFlags(mint)
	flags := mint.Flags()
	flags.StringVar(&request.Prefix, "prefix", "", prefixWords)
	flags.StringVar(&request.Name, "name", "", "what people call it")
	flags.StringVar(&request.Owner, "owner", "", "the id of the principal whose token it is")
	flags.StringVar(&expires, "expires", "", "when it ends, as in 2030-01-31T00:00:00Z; never, where it is left out")
	flags.Uint32Var(&request.Most, "most", 0, "refuse where the owner has as many active ones with the prefix; 0 is no bound")
	cobra.CheckErr(mint.MarkFlagRequired("prefix"))
	return mint
}

// parseTime reads a time, or none.
func parseTime(text string) (*timestamppb.Timestamp, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no time is no error
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, fmt.Errorf("time %q: write it as in 2030-01-31T00:00:00Z", text)
	}
	return timestamppb.New(at), nil
}

func showSecret(out, notes io.Writer, secret string, token *adminv1.Token) {
	fmt.Fprintf(notes, "token %s, id %s; its secret is shown this once:\n", reference(token.GetRef()), token.GetId())
	fmt.Fprintln(out, secret)
}

const prefixWords = "what the token begins with, as in mbz_"

// showToken lists one token.
func (c caller) showToken() *cobra.Command {
	return tabbed(command(c, call[*adminv1.GetTokenResponse]{
		use: "show PREFIX_ID|ID", short: "Show one token, without its secret", args: cobra.ExactArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.GetTokenResponse, error) {
			id, ref, err := find(args[0])
			if err != nil {
				return nil, err
			}
			return client.GetToken(ctx, &adminv1.GetTokenRequest{Id: id, Ref: ref})
		},
		show: func(out, _ io.Writer, answer *adminv1.GetTokenResponse) {
			c.tokenTable(out, answer.GetToken())
		},
	}))
}

func (c caller) tokenTable(out io.Writer, tokens ...*adminv1.Token) {
	table(out, "ID", "TOKEN", "NAME", "SUBJECT", "TENANT", "SCOPES", "STATE", "EXPIRES", "LAST USED")
	for _, t := range tokens {
		g := t.GetGrant()
		table(out, t.GetId(), reference(t.GetRef()), t.GetName(), g.GetSubject(), g.GetTenant(), strings.Join(g.GetScopes(), ","), c.state(t), moment(t.GetExpires()), moment(t.GetLastUsed()))
	}
}

func (c caller) listTokens() *cobra.Command {
	request := &adminv1.ListTokensRequest{}
	list := command(c, call[*adminv1.ListTokensResponse]{
		use: "list", short: "List tokens, without their secrets", args: cobra.NoArgs,
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (*adminv1.ListTokensResponse, error) {
			all := &adminv1.ListTokensResponse{}
			err := pages(func(next string) (string, error) {
				request.PageToken = next
				page, err := client.ListTokens(ctx, request)
				all.Tokens = append(all.Tokens, page.GetTokens()...)
				return page.GetNextPageToken(), err
			})
			return all, err
		},
		show: func(out, _ io.Writer, answer *adminv1.ListTokensResponse) {
			c.tokenTable(out, answer.GetTokens()...)
		},
	})
	flags := list.Flags()
	flags.StringVar(&request.Tenant, "tenant", "", "only those of an organization")
	flags.StringVar(&request.Owner, "owner", "", "only those of a principal, by id")
	flags.StringVar(&request.Prefix, "prefix", "", "only those with a prefix")
	return tabbed(list)
}

func (c caller) state(t *adminv1.Token) string {
	switch {
	case t.GetRevoked() != nil:
		return "revoked: " + t.GetReason()
	case t.GetDisabled():
		return "owner disabled"
	case t.GetExpires() != nil && !c.now().Before(t.GetExpires().AsTime()):
		return "expired"
	default:
		return "active"
	}
}

func (c caller) rotateToken() *cobra.Command {
	request := &adminv1.RotateTokenRequest{}
	expires, overlap := "", time.Duration(0)
	rotate := command(c, call[*adminv1.RotateTokenResponse]{
		use: "rotate PREFIX_ID|ID [--overlap 24h]", short: "Make the token that follows another; both work during the overlap", args: cobra.ExactArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (answer *adminv1.RotateTokenResponse, err error) {
			if request.Id, request.Ref, err = find(args[0]); err != nil {
				return nil, err
			}
			if request.Expires, err = parseTime(expires); err != nil {
				return nil, err
			}
			request.Overlap = durationpb.New(overlap)
			return client.RotateToken(ctx, request)
		},
		show: func(out, notes io.Writer, answer *adminv1.RotateTokenResponse) {
			showSecret(out, notes, answer.GetSecret(), answer.GetToken())
		},
	})
	rotate.Flags().StringVar(&expires, "expires", "", "when the new one ends")
	rotate.Flags().DurationVar(&overlap, "overlap", 0, "how long the old one goes on; 0 ends it at once")
	return rotate
}

func (c caller) revokeToken() *cobra.Command {
	request := &adminv1.RevokeTokenRequest{}
	revoke := command(c, call[*adminv1.RevokeTokenResponse]{
		use: "revoke PREFIX_ID|ID --reason TEXT", short: "End a token for ever, by what it shows of itself or by its id", args: cobra.ExactArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (answer *adminv1.RevokeTokenResponse, err error) {
			if request.Id, request.Ref, err = find(args[0]); err != nil {
				return nil, err
			}
			return client.RevokeToken(ctx, request)
		},
		show: func(out, _ io.Writer, answer *adminv1.RevokeTokenResponse) {
			fmt.Fprintf(out, "revoked %s, id %s\n", reference(answer.GetToken().GetRef()), answer.GetToken().GetId())
		},
	})
	revoke.Flags().StringVar(&request.Reason, "reason", "", "why; it stands in the audit")
	cobra.CheckErr(revoke.MarkFlagRequired("reason"))
	return revoke
}

// pages asks until there is no next page.
func pages(ask func(next string) (string, error)) error {
	for next := ""; ; {
		var err error
		if next, err = ask(next); err != nil || next == "" {
			return err
		}
	}
}

func moment(at *timestamppb.Timestamp) string {
	if at == nil {
		return "-"
	}
	return at.AsTime().UTC().Format(time.RFC3339)
}

// table writes one row; tabbed brings the columns of all rows in line.
func table(w io.Writer, columns ...string) {
	for i, column := range columns {
		if column == "" {
			columns[i] = "-"
		}
	}
	fmt.Fprintln(w, strings.Join(columns, "\t"))
}

// tabbed lines the columns of a command's output up.
func tabbed(command *cobra.Command) *cobra.Command {
	run := command.RunE
	command.RunE = func(command *cobra.Command, args []string) error {
		w := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
		out := command.OutOrStdout()
		command.SetOut(w)
		defer command.SetOut(out)
		if err := run(command, args); err != nil {
			return err
		}
		return w.Flush()
	}
	return command
}
