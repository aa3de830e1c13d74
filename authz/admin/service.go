package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// service answers what the guard has let through. Its errors are authz's; the guard
// makes codes of them.
type service struct {
	adminv1.UnimplementedAdminServiceServer
	Settings
	// keeping holds one thing while nobody puts a principal: see PutPrincipal.
	keeping chan struct{}
}

var _ adminv1.AdminServiceServer = (*service)(nil)

func newService(s Settings) *service {
	one := &service{Settings: s, keeping: make(chan struct{}, 1)}
	one.keeping <- struct{}{}
	return one
}

// apply makes a change in the name of whoever calls.
func (s *service) apply(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
	act, err := actOf(ctx)
	if err != nil {
		return authz.Applied{}, err
	}
	return s.Applier.Apply(ctx, act, change)
}

// seqOf makes a change of which only the number is told. Where something is not there,
// it is what absent says.
func (s *service) seqOf(ctx context.Context, change authz.Mutation, absent string) (uint64, error) {
	applied, err := s.apply(ctx, change)
	return applied.Seq, because(err, authz.ErrNotFound, absent)
}

// because says what was not there, or is taken, where that is one thing only: the
// store's own word is its sentinel.
func because(err, sentinel error, what string) error {
	if errors.Is(err, sentinel) {
		return fmt.Errorf("%w: %s", sentinel, what)
	}
	return err
}

func invalid(what string) error { return fmt.Errorf("%w: %s", authz.ErrInvalid, what) }
