package sqlite

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// Token implements authz.TokenStore.
func (s *Store) Token(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
	found, err := look(ctx, s.readers, func(r *reader) lookup[authz.Token] { return r.token }, ref.Prefix, ref.Lookup)
	if err != nil {
		return authz.Token{}, fmt.Errorf("look up token: %w", err)
	}
	return found, nil
}

// Principal implements authz.PrincipalStore.
func (s *Store) Principal(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
	found, err := look(ctx, s.readers, func(r *reader) lookup[authz.Principal] { return r.principal }, string(kind), name)
	if err != nil {
		return authz.Principal{}, fmt.Errorf("look up principal: %w", err)
	}
	return found, nil
}

// Member implements authz.TenantStore.
func (s *Store) Member(ctx context.Context, organization, subject string) (authz.Membership, error) {
	found, err := look(ctx, s.readers, func(r *reader) lookup[authz.Membership] { return r.member }, organization, subject)
	if err != nil {
		return authz.Membership{}, fmt.Errorf("look up membership: %w", err)
	}
	return found, nil
}

// Domain implements authz.TenantStore.
func (s *Store) Domain(ctx context.Context, name string) (authz.Domain, error) {
	found, err := look(ctx, s.readers, func(r *reader) lookup[authz.Domain] { return r.domain }, name)
	if err != nil {
		return authz.Domain{}, fmt.Errorf("look up domain: %w", err)
	}
	return found, nil
}
