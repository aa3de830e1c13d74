package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

const kindMachine = "machine"

// machine is principal with the kind left out.
func (c caller) machine() *cobra.Command {
	return group("machine", "Add, change, list and remove machine users", c.putPrincipal(ofMachines()), c.enablePrincipal(ofMachines()), c.disablePrincipal(ofMachines()), c.listPrincipals(kindMachine), c.removePrincipal(ofMachines()))
}

func (c caller) principal() *cobra.Command {
	return group("principal", "Add, change, list and remove administrators, users, machines and clients", c.putPrincipal(ofAnyKind()), c.enablePrincipal(ofAnyKind()), c.disablePrincipal(ofAnyKind()), c.listPrincipals(""), c.removePrincipal(ofAnyKind()))
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

// changing is a command that changes a principal. Of one who is there only what was
// said changes: what was not, the command does not know.
type changing struct {
	request *adminv1.UpdatePrincipalRequest
	of      named
}

func (c caller) update(with changing, use, short string, before func() error) *cobra.Command {
	return command(c, call[*adminv1.UpdatePrincipalResponse]{
		use: use + " " + with.of.words, short: short, args: cobra.ExactArgs(with.of.count),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.UpdatePrincipalResponse, error) {
			with.request.Principal.Kind, with.request.Principal.Name = with.of.read(args)
			if err := before(); err != nil {
				return nil, err
			}
			return client.UpdatePrincipal(ctx, with.request)
		},
		show: func(out, _ io.Writer, answer *adminv1.UpdatePrincipalResponse) {
			p := answer.GetPrincipal()
			fmt.Fprintf(out, "%s %s, %s, id %s\n", p.GetKind(), p.GetName(), standing(p), p.GetId())
		},
	})
}

func (c caller) putPrincipal(of named) *cobra.Command {
	request := &adminv1.UpdatePrincipalRequest{Principal: &adminv1.Principal{}, UpdateMask: &fieldmaskpb.FieldMask{}, AllowMissing: true}
	var passwordStdin, hashStdin bool
	var put *cobra.Command
	put = c.update(changing{request, of}, "put", "Add one, or change what the flags say of the one with this name", func() (err error) {
		p := request.GetPrincipal()
		request.UpdateMask.Paths = saidPaths(put)
		if p.GetGrant().GetSubject() == "" {
			p.Grant.Subject = p.GetName()
		}
		p.Login = "token"
		if passwordStdin || hashStdin {
			p.Login = "password"
		}
		switch {
		case passwordStdin:
			request.Password, err = readLine(put.InOrStdin(), "password")
		case hashStdin:
			request.PasswordHash, err = readLine(put.InOrStdin(), "hash")
		default:
		}
		return err
	})
	request.Principal.Grant = grantFlags(put)
	put.Flags().BoolVar(&passwordStdin, "password-stdin", false, "they log in by a password, read from standard input; without it, somebody new by tokens, and others as before")
	put.Flags().BoolVar(&hashStdin, "hash-stdin", false, "they log in by a password of which another system kept this, read from standard input: the text of bcrypt, argon2id or pbkdf2-sha256")
	put.MarkFlagsMutuallyExclusive("password-stdin", "hash-stdin")
	put.Flags().BoolVar(&request.Principal.Disabled, "disabled", false, "they, and their tokens, are refused; --disabled=false lets them in again")
	return put
}

// saidPaths are what the flags that were given change.
func saidPaths(command *cobra.Command) (paths []string) {
	for _, of := range []struct{ flag, path string }{
		{"subject", "grant.subject"},
		{"tenant", "grant.tenant"},
		{"role", "grant.role"},
		{"user", "grant.user"},
		{"scope", "grant.scopes"},
		{"network", "grant.networks"},
		{"disabled", "disabled"},
	} {
		if command.Flags().Changed(of.flag) {
			paths = append(paths, of.path)
		}
	}
	return paths
}

func (c caller) disablePrincipal(of named) *cobra.Command {
	return c.switchPrincipal(of, true, "disable", "Refuse one, and their tokens, until they are enabled")
}

func (c caller) enablePrincipal(of named) *cobra.Command {
	return c.switchPrincipal(of, false, "enable", "Let one who is disabled in again, and their tokens")
}

func (c caller) switchPrincipal(of named, disabled bool, use, short string) *cobra.Command {
	request := &adminv1.UpdatePrincipalRequest{
		Principal:  &adminv1.Principal{Disabled: disabled},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"disabled"}},
	}
	return c.update(changing{request, of}, use, short, func() error { return nil })
}

func standing(p *adminv1.Principal) string {
	if p.GetDisabled() {
		return "disabled"
	}
	return "enabled"
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
				table(out, p.GetId(), p.GetKind(), p.GetName(), p.GetLogin(), p.GetGrant().GetTenant(), strings.Join(p.GetGrant().GetScopes(), ","), standing(p))
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
