package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// PutPrincipal implements adminv1.AdminServiceServer. The slow hash comes first, and
// then one at a time: else a call that keeps a password could put the one from
// before a call that changes it.
func (s *service) PutPrincipal(ctx context.Context, q *adminv1.PutPrincipalRequest) (*adminv1.PutPrincipalResponse, error) {
	p, err := principalOf(q.GetPrincipal())
	if err != nil {
		return nil, err
	}
	if p.Verifier, err = s.newVerifier(ctx, p.Login, q); err != nil {
		return nil, err
	}
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if p.Login == authz.LoginPassword && p.Verifier == "" {
		if p, err = s.keepPassword(ctx, p); err != nil {
			return nil, err
		}
	}
	told, seq, err := s.put(ctx, p)
	if err != nil {
		return nil, err
	}
	return &adminv1.PutPrincipalResponse{Principal: told, Seq: seq}, nil
}

// turn waits until nobody else puts a principal. done lets the next one.
func (s *service) turn(ctx context.Context) (done func(), err error) {
	select {
	case <-s.keeping:
		return func() { s.keeping <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the principal before: %w", context.Cause(ctx))
	}
}

func (s *service) put(ctx context.Context, p authz.Principal) (*adminv1.Principal, uint64, error) {
	applied, err := s.apply(ctx, authz.PutPrincipal{Principal: p})
	if err != nil {
		return nil, 0, err
	}
	told, err := principalMessage(applied.Principal)
	return told, applied.Seq, err
}

// withPassword is a request that may bring a password.
type withPassword interface {
	GetPassword() string
	GetPasswordHash() string
}

// newVerifier is what proves the password that a request brings, or "".
func (s *service) newVerifier(ctx context.Context, login authz.Login, q withPassword) (string, error) {
	password, hash := q.GetPassword(), q.GetPasswordHash()
	switch {
	case password == "" && hash == "":
		return "", nil
	case password != "" && hash != "":
		return "", invalid("password_hash: there is a password too, and one of them is enough")
	case login != authz.LoginPassword && password != "":
		return "", invalid("password: the login is not a password")
	case login != authz.LoginPassword:
		return "", invalid("password_hash: the login is not a password")
	case hash != "":
		return s.Importer.Password(authz.NewSecret(hash))
	default:
		return s.Hasher.Password(ctx, authz.NewSecret(password))
	}
}

// keepPassword gives the principal what proves the password that they have. Who has
// one is found by id from here on.
func (s *service) keepPassword(ctx context.Context, p authz.Principal) (authz.Principal, error) {
	known, err := s.Principals.Principal(ctx, p.Kind, p.Name)
	switch {
	case errors.Is(err, authz.ErrNotFound) && p.ID == "":
		return p, invalid("password: it is needed for somebody new")
	case errors.Is(err, authz.ErrNotFound):
		return p, invalid("principal's id: they are gone")
	case err != nil:
		return p, err
	case known.Login != authz.LoginPassword:
		return p, invalid("principal's login: it cannot change")
	}
	if p.ID == "" {
		p.ID = known.ID
	}
	p.Verifier = known.Verifier
	return p, nil
}

// RemovePrincipal implements adminv1.AdminServiceServer.
func (s *service) RemovePrincipal(ctx context.Context, q *adminv1.RemovePrincipalRequest) (*adminv1.RemovePrincipalResponse, error) {
	applied, err := s.apply(ctx, authz.RemovePrincipal{Kind: authz.PrincipalKind(q.GetKind()), Name: q.GetName(), Reason: q.GetReason()})
	if err != nil {
		return nil, because(err, authz.ErrNotFound, "there is no such principal")
	}
	told, err := principalMessage(applied.Principal)
	if err != nil {
		return nil, err
	}
	return &adminv1.RemovePrincipalResponse{Principal: told, Seq: applied.Seq}, nil
}

// ListPrincipals implements adminv1.AdminServiceServer.
func (s *service) ListPrincipals(ctx context.Context, q *adminv1.ListPrincipalsRequest) (*adminv1.ListPrincipalsResponse, error) {
	query := authz.Query{Of: authz.Principals, Tenant: q.GetTenant(), Kind: authz.PrincipalKind(q.GetKind())}
	listing, at, err := s.list(ctx, query, q)
	if err != nil {
		return nil, err
	}
	principals, next, err := pageOf(listing.Principals, at, principalMessage)
	if err != nil {
		return nil, err
	}
	return &adminv1.ListPrincipalsResponse{Principals: principals, NextPageToken: next}, nil
}

func principalOf(m *adminv1.Principal) (authz.Principal, error) {
	grant, err := grantOf(m.GetGrant())
	return authz.Principal{
		ID:       m.GetId(),
		Kind:     authz.PrincipalKind(m.GetKind()),
		Name:     m.GetName(),
		Login:    authz.Login(m.GetLogin()),
		Grant:    grant,
		Disabled: m.GetDisabled(),
	}, err
}
