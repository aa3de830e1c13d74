package admin

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/sallyport-authz/sallyport/authz"
)

// Errors of a Client's calls beside authz's three.
var (
	// ErrUnsure: nothing is known of whether a change was made.
	ErrUnsure = errors.New("the server could not tell whether it was done: look before doing it again")
	// ErrOlder: the server does not know the call. Nothing was changed.
	ErrOlder = errors.New("the server does not know this command: it is another version than this program")
)

// refusal is an error of the server's in its own words, which say already what
// sentinel it is.
type refusal struct {
	words string
	is    error
}

func (r refusal) Error() string { return r.words }
func (r refusal) Unwrap() error { return r.is }

// inWords is a grpc.UnaryClientInterceptor that makes errors of codes.
func inWords(ctx context.Context, method string, q, a any, conn *grpc.ClientConn, call grpc.UnaryInvoker, options ...grpc.CallOption) error { //nolint:revive // grpc calls it with seven
	err := call(ctx, method, q, a, conn, options...)
	if err == nil {
		return nil
	}
	told := status.Convert(err)
	switch told.Code() {
	case codes.NotFound:
		return refusal{told.Message(), authz.ErrNotFound}
	case codes.AlreadyExists:
		return refusal{told.Message(), authz.ErrExists}
	case codes.InvalidArgument:
		return refusal{told.Message(), authz.ErrInvalid}
	case codes.Unimplemented:
		return ErrOlder
	default:
		return refusal{ErrUnsure.Error() + " (" + told.Message() + ")", ErrUnsure}
	}
}
