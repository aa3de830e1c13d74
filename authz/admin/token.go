package admin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// mints is how often a token is made anew whose reference is another's: with 32
// random bits, one in a hundred needs a second try among forty million tokens.
const mints = 8

// MintToken implements adminv1.AdminServiceServer.
func (s *service) MintToken(ctx context.Context, q *adminv1.MintTokenRequest) (*adminv1.MintTokenResponse, error) {
	expires, err := timeOf("expires", q.GetExpires())
	if err != nil {
		return nil, err
	}
	grant, err := grantOf(q.GetGrant())
	if err != nil {
		return nil, err
	}
	secret, applied, err := s.mint(ctx, q.GetPrefix(), func(made authz.Token) authz.Mutation {
		made.Expires, made.Name, made.Owner, made.Grant = expires, q.GetName(), q.GetOwner(), grant
		return authz.MintToken{Token: made, Most: int(q.GetMost())}
	})
	if err != nil {
		err = because(err, authz.ErrNotFound, "there is no such owner")
		return nil, because(err, authz.ErrExists, "the owner has as many tokens as they may have")
	}
	token, err := tokenMessage(applied.Token)
	if err != nil {
		return nil, err
	}
	return &adminv1.MintTokenResponse{Token: token, Secret: secret.Reveal(), Seq: applied.Seq}, nil
}

// RotateToken implements adminv1.AdminServiceServer.
func (s *service) RotateToken(ctx context.Context, q *adminv1.RotateTokenRequest) (*adminv1.RotateTokenResponse, error) {
	expires, err := timeOf("expires", q.GetExpires())
	if err != nil {
		return nil, err
	}
	overlap, err := durationOf("overlap", q.GetOverlap())
	if err != nil {
		return nil, err
	}
	followed, err := s.find(ctx, q)
	if err != nil {
		return nil, err
	}
	if !s.Minter.Makes(followed.Ref) {
		// Whoever looks its like up would not find a token that is made here.
		return nil, fmt.Errorf("%w: token: it was taken over from another system, and has another form than tokens that are made here: mint one, and revoke it", authz.ErrInvalid)
	}
	secret, applied, err := s.mint(ctx, followed.Ref.Prefix, func(made authz.Token) authz.Mutation {
		made.Expires = expires
		return authz.RotateToken{ID: followed.ID, Successor: made, Overlap: overlap}
	})
	if err != nil {
		return nil, err
	}
	token, err := tokenMessage(applied.Token)
	if err != nil {
		return nil, err
	}
	return &adminv1.RotateTokenResponse{Token: token, Secret: secret.Reveal(), Seq: applied.Seq}, nil
}

// mint makes secrets until one's reference is nobody's, and the change that brings
// it into the store.
func (s *service) mint(ctx context.Context, prefix string, change func(made authz.Token) authz.Mutation) (authz.Secret, authz.Applied, error) {
	for try := 1; ; try++ {
		secret, ref, verifier, err := s.Minter.Mint(ctx, prefix)
		if err != nil {
			return authz.Secret{}, authz.Applied{}, err
		}
		applied, err := s.apply(ctx, change(authz.Token{Ref: ref, Verifier: verifier}))
		if err == nil {
			return secret, applied, nil
		}
		if try == mints || !errors.Is(err, authz.ErrExists) || !s.taken(ctx, ref) {
			return authz.Secret{}, authz.Applied{}, err
		}
	}
}

// taken reports that the reference is another token's: what else "exists" is that
// there are too many.
func (s *service) taken(ctx context.Context, ref authz.TokenRef) bool {
	_, err := s.Tokens.Token(ctx, ref)
	return err == nil
}

// finder is a request that finds a token by one of two.
type finder interface {
	GetId() string
	GetRef() *adminv1.TokenRef
}

// checkFinder refuses a request that leaves it open which token is meant.
func checkFinder(q finder) error {
	if (q.GetId() == "") == (q.GetRef() == nil) {
		return invalid("one of id and ref is needed")
	}
	return nil
}

// find gives the token that a request means.
func (s *service) find(ctx context.Context, q finder) (authz.Token, error) {
	if err := checkFinder(q); err != nil {
		return authz.Token{}, err
	}
	const absent = "there is no such token"
	if q.GetRef() != nil {
		found, err := s.Tokens.Token(ctx, refOf(q.GetRef()))
		return found, because(err, authz.ErrNotFound, absent)
	}
	listing, err := s.Lister.List(ctx, authz.Query{Of: authz.Tokens, ID: q.GetId(), Most: 1})
	switch {
	case err != nil:
		return authz.Token{}, err
	case len(listing.Tokens) == 0:
		return authz.Token{}, fmt.Errorf("%w: %s", authz.ErrNotFound, absent)
	default:
		return listing.Tokens[0], nil
	}
}

// GetToken implements adminv1.AdminServiceServer.
func (s *service) GetToken(ctx context.Context, q *adminv1.GetTokenRequest) (*adminv1.GetTokenResponse, error) {
	found, err := s.find(ctx, q)
	if err != nil {
		return nil, err
	}
	token, err := tokenMessage(found)
	if err != nil {
		return nil, err
	}
	return &adminv1.GetTokenResponse{Token: token}, nil
}

// RevokeToken implements adminv1.AdminServiceServer.
func (s *service) RevokeToken(ctx context.Context, q *adminv1.RevokeTokenRequest) (*adminv1.RevokeTokenResponse, error) {
	if err := checkFinder(q); err != nil {
		return nil, err
	}
	applied, err := s.apply(ctx, authz.RevokeToken{ID: q.GetId(), Ref: refOf(q.GetRef()), Reason: q.GetReason()})
	if err != nil {
		return nil, because(err, authz.ErrNotFound, "there is no such token")
	}
	token, err := tokenMessage(applied.Token)
	if err != nil {
		return nil, err
	}
	return &adminv1.RevokeTokenResponse{Token: token, Seq: applied.Seq}, nil
}

// ListTokens implements adminv1.AdminServiceServer.
func (s *service) ListTokens(ctx context.Context, q *adminv1.ListTokensRequest) (*adminv1.ListTokensResponse, error) {
	query := authz.Query{Of: authz.Tokens, Tenant: q.GetTenant(), Owner: q.GetOwner(), Prefix: q.GetPrefix()}
	listing, at, err := s.list(ctx, query, q)
	if err != nil {
		return nil, err
	}
	tokens, next, err := pageOf(listing.Tokens, at, tokenMessage)
	if err != nil {
		return nil, err
	}
	return &adminv1.ListTokensResponse{Tokens: tokens, NextPageToken: next}, nil
}

func refOf(m *adminv1.TokenRef) authz.TokenRef {
	return authz.TokenRef{Prefix: m.GetPrefix(), Lookup: m.GetLookup()}
}

// timeOf reads a time that may be absent. The zero time would mean that it is.
func timeOf(field string, m *timestamppb.Timestamp) (time.Time, error) {
	switch {
	case m == nil:
		return time.Time{}, nil
	case m.CheckValid() != nil || m.AsTime().IsZero():
		return time.Time{}, invalid(field + ": it is no time")
	default:
		return m.AsTime(), nil
	}
}

func durationOf(field string, m *durationpb.Duration) (time.Duration, error) {
	if m != nil && m.CheckValid() != nil {
		return 0, invalid(field + ": it is no duration")
	}
	return m.AsDuration(), nil
}
