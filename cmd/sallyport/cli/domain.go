package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

func (c caller) domain() *cobra.Command {
	domain := &adminv1.Domain{}
	put := command(c, call[*adminv1.PutDomainResponse]{
		use: "put NAME --org ORG [--verified]", short: "Add a domain, or change it", args: cobra.ExactArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.PutDomainResponse, error) {
			domain.Name = args[0]
			return client.PutDomain(ctx, &adminv1.PutDomainRequest{Domain: domain})
		},
		show: done[*adminv1.PutDomainResponse]("put"),
	})
	put.Flags().StringVar(&domain.Organization, "org", "", "whose it is")
	put.Flags().BoolVar(&domain.Verified, "verified", false, "the organization has shown that the name is theirs; without it, it stands for nobody")
	cobra.CheckErr(put.MarkFlagRequired("org"))
	remove := command(c, call[*adminv1.RemoveDomainResponse]{
		use: "remove NAME", short: "Remove a domain", args: cobra.ExactArgs(1),
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (*adminv1.RemoveDomainResponse, error) {
			return client.RemoveDomain(ctx, &adminv1.RemoveDomainRequest{Name: args[0]})
		},
		show: done[*adminv1.RemoveDomainResponse]("removed"),
	})
	return group("domain", "Add, list and remove domains of organizations", put, c.listDomains(), remove)
}

func (c caller) listDomains() *cobra.Command {
	organization := ""
	list := command(c, call[*adminv1.ListDomainsResponse]{
		use: "list", short: "List domains", args: cobra.NoArgs,
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (*adminv1.ListDomainsResponse, error) {
			all := &adminv1.ListDomainsResponse{}
			err := pages(func(next string) (string, error) {
				page, err := client.ListDomains(ctx, &adminv1.ListDomainsRequest{Organization: organization, PageToken: next})
				all.Domains = append(all.Domains, page.GetDomains()...)
				return page.GetNextPageToken(), err
			})
			return all, err
		},
		show: func(out, _ io.Writer, answer *adminv1.ListDomainsResponse) {
			table(out, "NAME", "ORG", "VERIFIED")
			for _, d := range answer.GetDomains() {
				table(out, d.GetName(), d.GetOrganization(), fmt.Sprint(d.GetVerified()))
			}
		},
	})
	list.Flags().StringVar(&organization, "org", "", "only those of an organization")
	return tabbed(list)
}

func (c caller) audit() *cobra.Command {
	request := &adminv1.ListAuditRequest{}
	audit := command(c, call[*adminv1.ListAuditResponse]{
		use: "audit", short: "List what was changed, by whom", args: cobra.NoArgs,
		ask: func(ctx context.Context, client adminv1.AdminServiceClient, _ []string) (*adminv1.ListAuditResponse, error) {
			return client.ListAudit(ctx, request)
		},
		show: func(out, _ io.Writer, answer *adminv1.ListAuditResponse) {
			table(out, "SEQ", "AT", "ACTOR", "ORIGIN", "ACTION", "OBJECT", "REASON")
			for _, e := range answer.GetEntries() {
				table(out, fmt.Sprint(e.GetSeq()), moment(e.GetAt()), e.GetActor(), e.GetOrigin(), e.GetAction(), e.GetObject(), e.GetReason())
			}
		},
	})
	audit.Flags().Uint64Var(&request.After, "after", 0, "only changes after this number")
	audit.Flags().Int32Var(&request.PageSize, "most", 100, "as many at the most")
	return tabbed(audit)
}
