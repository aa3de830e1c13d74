package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

const kindMachine = "machine"

// machine is principal with the kind left out.
func (c caller) machine() *cobra.Command {
	return group("machine", "Add, list and remove machine users", c.putPrincipal(ofMachines()), c.listPrincipals(kindMachine), c.removePrincipal(ofMachines()))
}

func (c caller) principal() *cobra.Command {
	return group("principal", "Add, list and remove administrators, users, machines and clients", c.putPrincipal(ofAnyKind()), c.listPrincipals(""), c.removePrincipal(ofAnyKind()))
}

// named is how a command's arguments name a principal.
type named struct {
	words string
	count int
	read  func(args []string) (kind, name string)
}

func ofMachines() named {
	return named{"NAME", 1, func(args []string) (string, string) { return kindMachine, args[0] }}
}

func ofAnyKind() named {
	return named{"KIND NAME", 2, func(args []string) (string, string) { return args[0], args[1] }}
}

func (c caller) putPrincipal(of named) *cobra.Command {
	request := &adminv1.PutPrincipalRequest{Principal: &adminv1.Principal{}}
	var passwordStdin, hashStdin bool
	var put *cobra.Command
	put = command(c, call[*adminv1.PutPrincipalResponse]{
		use: "put " + of.words, short: "Add one, or change the one with this name", args: cobra.ExactArgs(of.count),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (answer *adminv1.PutPrincipalResponse, err error) {
			request.Principal.Kind, request.Principal.Name = of.read(args)
			request.Principal.Login = "token"
			if g := request.GetPrincipal().GetGrant(); g.GetSubject() == "" {
				g.Subject = request.GetPrincipal().GetName()
			}
			if passwordStdin || hashStdin {
				request.Principal.Login = "password"
			}
			switch {
			case passwordStdin:
				request.Password, err = readLine(put.InOrStdin(), "password")
			case hashStdin:
				request.PasswordHash, err = readLine(put.InOrStdin(), "hash")
			default:
			}
			if err != nil {
				return nil, err
			}
			return client.PutPrincipal(ctx, request)
		},
		show: func(out, _ io.Writer, answer *adminv1.PutPrincipalResponse) {
			p := answer.GetPrincipal()
			fmt.Fprintf(out, "%s %s, id %s\n", p.GetKind(), p.GetName(), p.GetId())
		},
	})
	request.Principal.Grant = grantFlags(put)
	put.Flags().BoolVar(&passwordStdin, "password-stdin", false, "they log in by a password, read from standard input; without it, by tokens")
	put.Flags().BoolVar(&hashStdin, "hash-stdin", false, "they log in by a password of which another system kept this, read from standard input: the text of bcrypt, argon2id or pbkdf2-sha256")
	put.MarkFlagsMutuallyExclusive("password-stdin", "hash-stdin")
	put.Flags().BoolVar(&request.Principal.Disabled, "disabled", false, "they, and their tokens, are refused")
	return put
}

// readLine takes one line. A flag would leave it in the shell's history and in the
// list of processes.
func readLine(from io.Reader, what string) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(from, longestLine+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read %s: %w", what, err)
	}
	switch line = strings.TrimRight(line, "\r\n"); {
	case line == "":
		return "", fmt.Errorf("no %s on standard input", what)
	case len(line) >= longestLine:
		return "", fmt.Errorf("the %s on standard input is longer than %d bytes", what, longestLine)
	default:
		return line, nil
	}
}

const longestLine = 4096

func (c caller) listPrincipals(kind string) *cobra.Command {
	request := &adminv1.ListPrincipalsRequest{Kind: kind}
	list := command(c, call[*adminv1.ListPrincipalsResponse]{
		use: "list", short: "List them, without passwords", args: cobra.NoArgs,
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (*adminv1.ListPrincipalsResponse, error) {
			all := &adminv1.ListPrincipalsResponse{}
			err := pages(func(next string) (string, error) {
				request.PageToken = next
				page, err := client.ListPrincipals(ctx, request)
				all.Principals = append(all.Principals, page.GetPrincipals()...)
				return page.GetNextPageToken(), err
			})
			return all, err
		},
		show: func(out, _ io.Writer, answer *adminv1.ListPrincipalsResponse) {
			table(out, "ID", "KIND", "NAME", "LOGIN", "TENANT", "SCOPES", "STATE")
			for _, p := range answer.GetPrincipals() {
				standing := "enabled"
				if p.GetDisabled() {
					standing = "disabled"
				}
				table(out, p.GetId(), p.GetKind(), p.GetName(), p.GetLogin(), p.GetGrant().GetTenant(), strings.Join(p.GetGrant().GetScopes(), ","), standing)
			}
		},
	})
	list.Flags().StringVar(&request.Tenant, "tenant", "", "only those of an organization")
	return tabbed(list)
}

func (c caller) removePrincipal(of named) *cobra.Command {
	request := &adminv1.RemovePrincipalRequest{}
	remove := command(c, call[*adminv1.RemovePrincipalResponse]{
		use: "remove " + of.words + " --reason TEXT", short: "Remove one, and revoke their tokens", args: cobra.ExactArgs(of.count),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.RemovePrincipalResponse, error) {
			request.Kind, request.Name = of.read(args)
			return client.RemovePrincipal(ctx, request)
		},
		show: func(out, _ io.Writer, answer *adminv1.RemovePrincipalResponse) {
			fmt.Fprintf(out, "removed %s %s\n", answer.GetPrincipal().GetKind(), answer.GetPrincipal().GetName())
		},
	})
	remove.Flags().StringVar(&request.Reason, "reason", "", "why; it stands in the audit")
	cobra.CheckErr(remove.MarkFlagRequired("reason"))
	return remove
}
