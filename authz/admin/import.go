package admin

import (
	"context"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// ImportToken implements adminv1.AdminServiceServer.
func (s *service) ImportToken(ctx context.Context, q *adminv1.ImportTokenRequest) (*adminv1.ImportTokenResponse, error) {
	expires, err := timeOf("expires", q.GetExpires())
	if err != nil {
		return nil, err
	}
	grant, err := grantOf(q.GetGrant())
	if err != nil {
		return nil, err
	}
	ref, verifier, err := s.Importer.Token(q.GetScheme(), refOf(q.GetRef()), authz.NewSecret(q.GetKept()))
	if err != nil {
		return nil, err
	}
	applied, err := s.apply(ctx, authz.MintToken{Most: int(q.GetMost()), Token: authz.Token{
		Ref: ref, Verifier: verifier, Name: q.GetName(), Owner: q.GetOwner(), Grant: grant, Expires: expires,
	}})
	if err != nil {
		err = because(err, authz.ErrNotFound, "there is no such owner")
		if s.taken(ctx, ref) {
			return nil, because(err, authz.ErrExists, "ref: there is a token that shows this of itself")
		}
		return nil, because(err, authz.ErrExists, "the owner has as many tokens as they may have")
	}
	token, err := tokenMessage(applied.Token)
	if err != nil {
		return nil, err
	}
	return &adminv1.ImportTokenResponse{Token: token, Seq: applied.Seq}, nil
}
