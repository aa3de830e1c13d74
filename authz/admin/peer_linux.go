package admin

import (
	"net"
	"syscall"
)

// peerUser is the user of whoever connected, or listened: SO_PEERCRED of unix(7).
func peerUser(conn *net.UnixConn) (uint32, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var credentials *syscall.Ucred
	var told error
	err = raw.Control(func(fd uintptr) {
		credentials, told = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	switch {
	case err != nil:
		return 0, err
	case told != nil:
		return 0, told
	default:
		return credentials.Uid, nil
	}
}
