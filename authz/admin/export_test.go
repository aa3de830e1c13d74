package admin

import (
	"context"
	"net"

	"google.golang.org/grpc"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// MostRequest and MostPage are the bounds that tests go over.
const (
	MostRequest = mostRequest
	MostPage    = mostPage
)

// NewUnshaken is the server as it would be without its handshake.
func NewUnshaken(s Settings) *grpc.Server {
	server := grpc.NewServer(grpc.UnaryInterceptor(guard{logger: s.Logger}.intercept))
	adminv1.RegisterAdminServiceServer(server, newService(s))
	return server
}

// Unguarded is the service without what stands before it.
func Unguarded(s Settings) adminv1.AdminServiceServer { return newService(s) }

// ShakeAsClient is what a client that runs as a user makes of a server.
func ShakeAsClient(uid uint32, conn net.Conn) error {
	_, _, err := sameUser{uid: uid, act: authz.Act{Actor: "server"}}.ClientHandshake(context.Background(), "", conn)
	return err
}

// Visit is what Dial does before it makes a connection.
func Visit(uid uint32, path string) error {
	return sameUser{uid: uid}.visit(context.Background(), path)
}

// Bare is a connection with the client's credentials and none of its bounds and words.
func Bare(path string) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///bare",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return connect(ctx, path) }),
		grpc.WithTransportCredentials(sameUser{uid: CurrentUser(), act: authz.Act{Actor: "server"}}))
}

// CheckFolder is what Listen wants of a folder, asked by another user.
func CheckFolder(folder string, user uint32) error { return checkFolder(folder, user) }
