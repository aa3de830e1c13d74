package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// done is the show of a call whose answer says only that it was done.
func done[T proto.Message](words string) func(out, notes io.Writer, _ T) {
	return func(out, _ io.Writer, _ T) { fmt.Fprintln(out, words) }
}

func (c caller) org() *cobra.Command {
	organization := &adminv1.Organization{}
	put := command(c, call[*adminv1.PutOrganizationResponse]{
		use: "put ID", short: "Add an organization, or rename it", args: cobra.ExactArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.PutOrganizationResponse, error) {
			organization.Id = args[0]
			return client.PutOrganization(ctx, &adminv1.PutOrganizationRequest{Organization: organization})
		},
		show: done[*adminv1.PutOrganizationResponse]("put"),
	})
	put.Flags().StringVar(&organization.Name, "name", "", "what people call it")
	reason := ""
	remove := command(c, call[*adminv1.RemoveOrganizationResponse]{
		use: "remove ID --reason TEXT", short: "Remove one with its memberships and domains, and revoke its tokens", args: cobra.ExactArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.RemoveOrganizationResponse, error) {
			return client.RemoveOrganization(ctx, &adminv1.RemoveOrganizationRequest{Id: args[0], Reason: reason})
		},
		show: done[*adminv1.RemoveOrganizationResponse]("removed"),
	})
	remove.Flags().StringVar(&reason, "reason", "", "why; it stands in the audit")
	cobra.CheckErr(remove.MarkFlagRequired("reason"))
	return group("org", "Add, list and remove organizations", put, c.listOrganizations(), remove)
}

func (c caller) listOrganizations() *cobra.Command {
	return tabbed(command(c, call[*adminv1.ListOrganizationsResponse]{
		use: "list", short: "List organizations", args: cobra.NoArgs,
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (*adminv1.ListOrganizationsResponse, error) {
			all := &adminv1.ListOrganizationsResponse{}
			err := pages(func(next string) (string, error) {
				page, err := client.ListOrganizations(ctx, &adminv1.ListOrganizationsRequest{PageToken: next})
				all.Organizations = append(all.Organizations, page.GetOrganizations()...)
				return page.GetNextPageToken(), err
			})
			return all, err
		},
		show: func(out, _ io.Writer, answer *adminv1.ListOrganizationsResponse) {
			table(out, "ID", "NAME")
			for _, o := range answer.GetOrganizations() {
				table(out, o.GetId(), o.GetName())
			}
		},
	}))
}

func (c caller) member() *cobra.Command {
	membership := &adminv1.Membership{}
	put := command(c, call[*adminv1.PutMemberResponse]{
		use: "put ORG SUBJECT", short: "Make a subject a member, or change what they may", args: cobra.ExactArgs(2),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.PutMemberResponse, error) {
			membership.Organization, membership.Subject = args[0], args[1]
			return client.PutMember(ctx, &adminv1.PutMemberRequest{Membership: membership})
		},
		show: done[*adminv1.PutMemberResponse]("put"),
	})
	put.Flags().StringVar(&membership.Role, "role", "", "the member's role")
	put.Flags().StringSliceVar(&membership.Scopes, "scope", nil, "a scope; may be repeated")
	remove := command(c, call[*adminv1.RemoveMemberResponse]{
		use: "remove ORG SUBJECT", short: "End a membership", args: cobra.ExactArgs(2),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.RemoveMemberResponse, error) {
			return client.RemoveMember(ctx, &adminv1.RemoveMemberRequest{Organization: args[0], Subject: args[1]})
		},
		show: done[*adminv1.RemoveMemberResponse]("removed"),
	})
	return group("member", "Add, list and remove members of organizations", put, c.listMembers(), remove)
}

func (c caller) listMembers() *cobra.Command {
	return tabbed(command(c, call[*adminv1.ListMembersResponse]{
		use: "list [ORG]", short: "List members", args: cobra.MaximumNArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.ListMembersResponse, error) {
			all := &adminv1.ListMembersResponse{}
			err := pages(func(next string) (string, error) {
				page, err := client.ListMembers(ctx, &adminv1.ListMembersRequest{Organization: strings.Join(args, ""), PageToken: next})
				all.Memberships = append(all.Memberships, page.GetMemberships()...)
				return page.GetNextPageToken(), err
			})
			return all, err
		},
		show: func(out, _ io.Writer, answer *adminv1.ListMembersResponse) {
			table(out, "ORG", "SUBJECT", "ROLE", "SCOPES")
			for _, m := range answer.GetMemberships() {
				table(out, m.GetOrganization(), m.GetSubject(), m.GetRole(), strings.Join(m.GetScopes(), ","))
			}
		},
	}))
}
