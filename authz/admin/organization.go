package admin

import (
	"context"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// PutOrganization implements adminv1.AdminServiceServer.
func (s *service) PutOrganization(ctx context.Context, q *adminv1.PutOrganizationRequest) (*adminv1.PutOrganizationResponse, error) {
	o := q.GetOrganization()
	seq, err := s.seqOf(ctx, authz.PutOrganization{Organization: authz.Organization{ID: o.GetId(), Name: o.GetName()}}, "there is no such organization")
	if err != nil {
		return nil, err
	}
	return &adminv1.PutOrganizationResponse{Seq: seq}, nil
}

// RemoveOrganization implements adminv1.AdminServiceServer.
func (s *service) RemoveOrganization(ctx context.Context, q *adminv1.RemoveOrganizationRequest) (*adminv1.RemoveOrganizationResponse, error) {
	seq, err := s.seqOf(ctx, authz.RemoveOrganization{ID: q.GetId(), Reason: q.GetReason()}, "there is no such organization")
	if err != nil {
		return nil, err
	}
	return &adminv1.RemoveOrganizationResponse{Seq: seq}, nil
}

// ListOrganizations implements adminv1.AdminServiceServer.
func (s *service) ListOrganizations(ctx context.Context, q *adminv1.ListOrganizationsRequest) (*adminv1.ListOrganizationsResponse, error) {
	listing, at, err := s.list(ctx, authz.Query{Of: authz.Organizations}, q)
	if err != nil {
		return nil, err
	}
	organizations, next, err := pageOf(listing.Organizations, at, organizationMessage)
	if err != nil {
		return nil, err
	}
	return &adminv1.ListOrganizationsResponse{Organizations: organizations, NextPageToken: next}, nil
}

// PutMember implements adminv1.AdminServiceServer.
func (s *service) PutMember(ctx context.Context, q *adminv1.PutMemberRequest) (*adminv1.PutMemberResponse, error) {
	m := q.GetMembership()
	seq, err := s.seqOf(ctx, authz.PutMember{Membership: authz.Membership{
		Organization: m.GetOrganization(), Subject: m.GetSubject(), Role: m.GetRole(), Scopes: m.GetScopes(),
	}}, "there is no such organization")
	if err != nil {
		return nil, err
	}
	return &adminv1.PutMemberResponse{Seq: seq}, nil
}

// RemoveMember implements adminv1.AdminServiceServer.
func (s *service) RemoveMember(ctx context.Context, q *adminv1.RemoveMemberRequest) (*adminv1.RemoveMemberResponse, error) {
	seq, err := s.seqOf(ctx, authz.RemoveMember{Organization: q.GetOrganization(), Subject: q.GetSubject()}, "there is no such member")
	if err != nil {
		return nil, err
	}
	return &adminv1.RemoveMemberResponse{Seq: seq}, nil
}

// ListMembers implements adminv1.AdminServiceServer.
func (s *service) ListMembers(ctx context.Context, q *adminv1.ListMembersRequest) (*adminv1.ListMembersResponse, error) {
	listing, at, err := s.list(ctx, authz.Query{Of: authz.Members, Tenant: q.GetOrganization()}, q)
	if err != nil {
		return nil, err
	}
	memberships, next, err := pageOf(listing.Members, at, membershipMessage)
	if err != nil {
		return nil, err
	}
	return &adminv1.ListMembersResponse{Memberships: memberships, NextPageToken: next}, nil
}

// PutDomain implements adminv1.AdminServiceServer.
func (s *service) PutDomain(ctx context.Context, q *adminv1.PutDomainRequest) (*adminv1.PutDomainResponse, error) {
	d := q.GetDomain()
	seq, err := s.seqOf(ctx, authz.PutDomain{Domain: authz.Domain{
		Name: d.GetName(), Organization: d.GetOrganization(), Verified: d.GetVerified(),
	}}, "there is no such organization")
	if err != nil {
		return nil, because(err, authz.ErrExists, "another organization has verified the name")
	}
	return &adminv1.PutDomainResponse{Seq: seq}, nil
}

// RemoveDomain implements adminv1.AdminServiceServer.
func (s *service) RemoveDomain(ctx context.Context, q *adminv1.RemoveDomainRequest) (*adminv1.RemoveDomainResponse, error) {
	seq, err := s.seqOf(ctx, authz.RemoveDomain{Name: q.GetName()}, "there is no such domain")
	if err != nil {
		return nil, err
	}
	return &adminv1.RemoveDomainResponse{Seq: seq}, nil
}

// ListDomains implements adminv1.AdminServiceServer.
func (s *service) ListDomains(ctx context.Context, q *adminv1.ListDomainsRequest) (*adminv1.ListDomainsResponse, error) {
	listing, at, err := s.list(ctx, authz.Query{Of: authz.Domains, Tenant: q.GetOrganization()}, q)
	if err != nil {
		return nil, err
	}
	domains, next, err := pageOf(listing.Domains, at, domainMessage)
	if err != nil {
		return nil, err
	}
	return &adminv1.ListDomainsResponse{Domains: domains, NextPageToken: next}, nil
}
