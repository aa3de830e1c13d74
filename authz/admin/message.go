package admin

import (
	"errors"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// tokenMessage leaves the verifier out, and so does principalMessage: no message has
// a field for one.
func tokenMessage(t authz.Token) (*adminv1.Token, error) {
	grant, err := grantMessage(t.Grant)
	if err != nil {
		return nil, err
	}
	return &adminv1.Token{
		Id:            t.ID,
		Ref:           &adminv1.TokenRef{Prefix: t.Ref.Prefix, Lookup: t.Ref.Lookup},
		Name:          t.Name,
		Owner:         t.Owner,
		Grant:         grant,
		Created:       timeMessage(t.Created),
		Expires:       timeMessage(t.Expires),
		LastUsed:      timeMessage(t.LastUsed),
		Revoked:       timeMessage(t.Revoked),
		Reason:        t.Reason,
		Disabled:      t.Disabled,
		OwnerNetworks: t.OwnerNetworks.Strings(),
	}, nil
}

func principalMessage(p authz.Principal) (*adminv1.Principal, error) {
	grant, err := grantMessage(p.Grant)
	if err != nil {
		return nil, err
	}
	return &adminv1.Principal{
		Id: p.ID, Kind: string(p.Kind), Name: p.Name, Login: string(p.Login), Grant: grant, Disabled: p.Disabled,
	}, nil
}

func organizationMessage(o authz.Organization) (*adminv1.Organization, error) {
	return &adminv1.Organization{Id: o.ID, Name: o.Name}, nil
}

func membershipMessage(m authz.Membership) (*adminv1.Membership, error) {
	return &adminv1.Membership{Organization: m.Organization, Subject: m.Subject, Role: m.Role, Scopes: slices.Clone(m.Scopes)}, nil
}

func domainMessage(d authz.Domain) (*adminv1.Domain, error) {
	return &adminv1.Domain{Name: d.Name, Organization: d.Organization, Verified: d.Verified}, nil
}

func auditMessage(e authz.AuditEntry) (*adminv1.AuditEntry, error) {
	return &adminv1.AuditEntry{
		Seq:      e.Seq,
		At:       timeMessage(e.At),
		Actor:    e.Act.Actor,
		Origin:   e.Act.Origin,
		Action:   e.Action,
		Object:   e.Object,
		Reason:   e.Reason,
		Previous: e.Previous,
		Hash:     e.Hash,
	}, nil
}

// timeMessage is nil for the zero time.
func timeMessage(at time.Time) *timestamppb.Timestamp {
	if at.IsZero() {
		return nil
	}
	return timestamppb.New(at)
}

func grantOf(m *adminv1.Grant) (authz.Grant, error) {
	networks, err := authz.ParseNetworks(m.GetNetworks())
	if err != nil {
		return authz.Grant{}, invalid("networks: " + err.Error())
	}
	return authz.Grant{
		Subject:  m.GetSubject(),
		Tenant:   m.GetTenant(),
		Role:     m.GetRole(),
		User:     m.GetUser(),
		Scopes:   slices.Clone(m.GetScopes()),
		Claims:   m.GetClaims().AsMap(),
		Networks: networks,
	}, nil
}

func grantMessage(g authz.Grant) (*adminv1.Grant, error) {
	m := &adminv1.Grant{Subject: g.Subject, Tenant: g.Tenant, Role: g.Role, User: g.User, Scopes: slices.Clone(g.Scopes), Networks: g.Networks.Strings()}
	if len(g.Claims) == 0 {
		return m, nil
	}
	claims, err := structpb.NewStruct(g.Claims)
	if err != nil {
		// The cause could quote a claim, and goes nowhere.
		return nil, errors.New("tell claims: the store gave what is no JSON")
	}
	m.Claims = claims
	return m, nil
}
