package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"google.golang.org/grpc"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// ErrNoServer: nobody listens on the control socket, and nothing was asked.
var ErrNoServer = errors.New("no server runs on this data folder")

// Client asks the server of a data folder. The errors of its calls are in words for
// whoever types commands; errors.Is tells authz's three as a store's own would.
type Client struct {
	adminv1.AdminServiceClient
	conn *grpc.ClientConn
}

// Dial finds the server behind the control socket of a data folder, and makes sure
// that it is the user's own before anything is told to it. ErrNoServer is certain;
// ErrStranger says as whom to call.
func Dial(ctx context.Context, folder string) (*Client, error) {
	path := filepath.Join(folder, SocketName)
	same := sameUser{uid: CurrentUser(), act: authz.Act{Actor: "server", Origin: originSocket}}
	if err := same.visit(ctx, path); err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("passthrough:///"+SocketName,
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return connect(ctx, path) }),
		grpc.WithTransportCredentials(same),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(mostAnswer), grpc.MaxCallSendMsgSize(mostRequest)),
		grpc.WithUnaryInterceptor(inWords),
	)
	if err != nil {
		return nil, fmt.Errorf("ask the server at %s: %w", path, err)
	}
	return &Client{AdminServiceClient: adminv1.NewAdminServiceClient(conn), conn: conn}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// visit connects once and asks nothing, to say in words what grpc would not.
func (s sameUser) visit(ctx context.Context, path string) error {
	conn, err := connect(ctx, path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w: nobody listens on %s: start the server, or use --offline", ErrNoServer, path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s is closed to %s: run this as the server's user: %w", path, Actor(s.uid), err)
	case err != nil:
		return fmt.Errorf("connect to the server at %s: %w", path, err)
	}
	defer func() { _ = conn.Close() }()
	if err := s.check(conn); err != nil {
		return fmt.Errorf("%w (%s): run this as the server's user", err, path)
	}
	return nil
}

func connect(ctx context.Context, path string) (net.Conn, error) {
	if len(path) > longestPath {
		return nil, fmt.Errorf("the path has %d bytes, and a socket's at most %d", len(path), longestPath)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != fs.ModeSocket {
		return nil, errors.New("it is no socket")
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "unix", path)
}
