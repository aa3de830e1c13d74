package admin

import (
	"context"
	"errors"
	"log/slog"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sallyport-authz/sallyport/authz"
)

// unsaid is told instead of a cause, which may be about anything.
const unsaid = "the store could not tell; whether a change was made is not known"

// guard stands before every call.
type guard struct{ logger *slog.Logger }

// intercept is a grpc.UnaryServerInterceptor. It wants an Act of every caller, ends
// a call that takes too long, and lets neither a panic nor an error through as it is.
func (g guard) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	defer func() {
		if thrown := recover(); thrown != nil {
			answer, err = nil, authz.Panicked(thrown)
		}
		if err != nil {
			answer, err = nil, g.told(ctx, info.FullMethod, err)
		}
	}()
	if _, err := actOf(ctx); err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

// told is an error as callers see it. Only the texts of authz's three errors, which
// name fields, are shown.
func (g guard) told(ctx context.Context, method string, err error) error {
	switch {
	case errors.Is(err, errNobody):
		return status.Error(codes.Unauthenticated, err.Error())
	case errors.Is(err, authz.ErrInvalid):
		return status.Error(codes.InvalidArgument, err.Error())
	case errors.Is(err, authz.ErrExists):
		return status.Error(codes.AlreadyExists, err.Error())
	case errors.Is(err, authz.ErrNotFound):
		return status.Error(codes.NotFound, err.Error())
	default:
		g.logger.ErrorContext(ctx, "administration could not tell", "method", method, "error", err)
		return status.Error(codes.Unavailable, unsaid)
	}
}
