package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dialer makes the connections of the client.
type dialer struct {
	perimeter perimeter
	resolver  *net.Resolver
	roots     *x509.CertPool
	// timeout bounds a connection too: package net/http dials on when the request
	// that asked for it has ended.
	timeout time.Duration
}

// plain connects for http.
func (d dialer) plain(ctx context.Context, network, address string) (net.Conn, error) {
	return d.connect(ctx, network, address, true)
}

// secure connects for https and shakes hands.
func (d dialer) secure(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, refusal{ErrURL, "its host has no port"}
	}
	raw, err := d.connect(ctx, network, address, false)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, &tls.Config{ServerName: host, RootCAs: d.roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("shake hands: %w", ctx.Err())
		}
		return nil, refusal{ErrTLS, printable(err.Error())}
	}
	return conn, nil
}

// connect judges each address when its socket is about to be used. By then names
// are resolved, and nothing is between the judgement and the connection that could
// resolve again.
func (d dialer) connect(ctx context.Context, network, address string, open bool) (net.Conn, error) {
	dial := &net.Dialer{
		Timeout: d.timeout, Resolver: d.resolver,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return refusal{ErrAddress, "it is no IP address"}
			}
			return d.perimeter.admit(to.Addr(), open)
		},
	}
	return dial.DialContext(ctx, network, address) //nolint:wrapcheck // failure sorts what package net says
}
