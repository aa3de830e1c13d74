package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/user"
	"strconv"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/sallyport-authz/sallyport/authz"
)

// originSocket is the origin of what comes through the control socket.
const originSocket = "cli"

// ErrStranger: the other end of the socket is another user's.
var ErrStranger = errors.New("the other end of the socket is another user's")

// Actor names a user of the operating system as the audit does: "uid:1000 (ada)",
// or without a name that is not known.
func Actor(uid uint32) string {
	actor := "uid:" + strconv.FormatUint(uint64(uid), 10)
	known, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil || known.Username == "" || !authz.Storable(known.Username) {
		return actor
	}
	return actor + " (" + known.Username + ")"
}

// sameUser are the credentials of both ends: each wants the other to be the user
// that it names, by what the kernel says of whoever made the other end. Nothing is
// sent, and nothing is encrypted: it is a socket on this machine.
type sameUser struct {
	uid uint32
	act authz.Act
}

var _ credentials.TransportCredentials = sameUser{}

// ServerHandshake implements credentials.TransportCredentials.
func (s sameUser) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return s.shake(conn)
}

// ClientHandshake implements credentials.TransportCredentials.
func (s sameUser) ClientHandshake(_ context.Context, _ string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return s.shake(conn)
}

func (s sameUser) shake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if err := s.check(conn); err != nil {
		return nil, nil, err
	}
	local := credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}
	return conn, owner{CommonAuthInfo: local, act: s.act}, nil
}

func (s sameUser) check(conn net.Conn) error {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return fmt.Errorf("%w: it is no Unix socket", ErrStranger)
	}
	uid, err := peerUser(socket)
	if err != nil {
		return fmt.Errorf("find out who is at the other end of the socket: %w", err)
	}
	if uid != s.uid {
		return fmt.Errorf("%w: %s, not %s", ErrStranger, Actor(uid), Actor(s.uid))
	}
	return nil
}

// Info implements credentials.TransportCredentials.
func (sameUser) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: owner{}.AuthType()}
}

// Clone implements credentials.TransportCredentials.
func (s sameUser) Clone() credentials.TransportCredentials { return s }

// OverrideServerName implements credentials.TransportCredentials. There is no name.
func (sameUser) OverrideServerName(string) error { return nil }

// owner is what the handshake found out: the other end is the server's own user.
type owner struct {
	credentials.CommonAuthInfo
	act authz.Act
}

// AuthType implements credentials.AuthInfo.
func (owner) AuthType() string { return "same-user" }

// errNobody: whoever calls did not come through the handshake.
var errNobody = errors.New("nobody knows who calls")

// actOf is who calls, and from where.
func actOf(ctx context.Context) (authz.Act, error) {
	caller, ok := peer.FromContext(ctx)
	if !ok {
		return authz.Act{}, errNobody
	}
	known, ok := caller.AuthInfo.(owner)
	if !ok || known.act.Actor == "" {
		return authz.Act{}, errNobody
	}
	return known.act, nil
}
