package admin

import (
	"context"
	"errors"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// UpdatePrincipal implements adminv1.AdminServiceServer. How the principal is now is
// read in the turn in which they are put: what another call changed meanwhile, and this
// one does not name, stays changed.
func (s *service) UpdatePrincipal(ctx context.Context, q *adminv1.UpdatePrincipalRequest) (*adminv1.UpdatePrincipalResponse, error) {
	proven, err := s.newVerifier(ctx, authz.LoginPassword, q)
	if err != nil {
		return nil, err
	}
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	p, err := s.updated(ctx, q, proven)
	if err != nil {
		return nil, err
	}
	told, seq, err := s.put(ctx, p)
	if err != nil {
		return nil, err
	}
	return &adminv1.UpdatePrincipalResponse{Principal: told, Seq: seq}, nil
}

// updated is how a principal is after an update; proven is what proves a new password.
func (s *service) updated(ctx context.Context, q *adminv1.UpdatePrincipalRequest, proven string) (authz.Principal, error) {
	to, err := principalOf(q.GetPrincipal())
	if err != nil {
		return to, err
	}
	known, err := s.Principals.Principal(ctx, to.Kind, to.Name)
	switch {
	case errors.Is(err, authz.ErrNotFound) && q.GetAllowMissing():
		return created(to, proven)
	case err != nil:
		return known, because(err, authz.ErrNotFound, "there is no such principal")
	case to.ID != "" && to.ID != known.ID:
		return known, invalid("principal's id: it is another's by now")
	case proven != "" && known.Login != authz.LoginPassword:
		return known, invalid("principal's login: they log in by tokens, and that cannot change")
	}
	if proven != "" {
		known.Verifier = proven
	}
	return merged(known, to, q.GetUpdateMask().GetPaths())
}

func created(p authz.Principal, proven string) (authz.Principal, error) {
	if p.Login == authz.LoginPassword && proven == "" {
		return p, invalid("password: it is needed for somebody new")
	}
	p.Verifier = proven
	return p, nil
}

// merged is a principal with what the paths name of another.
func merged(p, to authz.Principal, paths []string) (authz.Principal, error) {
	for _, path := range paths {
		switch path {
		case "disabled":
			p.Disabled = to.Disabled
		case "grant.subject":
			p.Grant.Subject = to.Grant.Subject
		case "grant.tenant":
			p.Grant.Tenant = to.Grant.Tenant
		case "grant.role":
			p.Grant.Role = to.Grant.Role
		case "grant.user":
			p.Grant.User = to.Grant.User
		case "grant.scopes":
			p.Grant.Scopes = slices.Clone(to.Grant.Scopes)
		case "grant.claims":
			p.Grant.Claims = to.Grant.Claims
		case "grant.networks":
			p.Grant.Networks = slices.Clone(to.Grant.Networks)
		default:
			return p, invalid("update_mask: a path names what nobody has, or what cannot change")
		}
	}
	return p, nil
}
