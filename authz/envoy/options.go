package envoy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/tap"
)

const (
	defaultReceiveBytes = 16 << 20
	// messageRoom is what a message holds beside the body: headers,
	// certificate, metadata, context extensions.
	messageRoom = 1 << 20
	// streams is what Envoy (1.36 or later) begins on one connection before it
	// has read our limit. A stream above the limit is refused, which is an error
	// to the proxy: what is too much is shed by Checks, which deny.
	streams = 1024
	// streamWindow is what a proxy may send of a message that nobody reads yet,
	// so that one connection holds at most streams of them. It is fixed: grpc
	// would otherwise let it grow to 16 MiB. A longer message is asked for when
	// it is read.
	streamWindow = 64 << 10
	// connectionWindow bounds what is on its way. It bounds no memory: grpc
	// gives it back as soon as bytes are taken off the connection.
	connectionWindow = 4 << 20
	// headerBytes bounds the headers of one call, which can hold headers of the
	// client's (tracestate, or what initial_metadata copies).
	headerBytes = 1 << 20
	// workers keep their grown stacks from one Check to the next.
	workers = 256
	// handshake bounds what a connection may cost before it is one.
	handshake = 10 * time.Second
	// pingAfter is when a silent proxy is asked whether it is there, pingWait
	// how long it may take to answer: the connections of one that is gone end.
	pingAfter, pingWait = time.Minute, 20 * time.Second
	longestCheck        = time.Minute
)

func (s Settings) options(tls *shown) ([]grpc.ServerOption, error) {
	limit, err := s.receiveBytes()
	if err != nil {
		return nil, err
	}
	parameters, err := s.parameters()
	if err != nil {
		return nil, err
	}
	options := append(Transport(),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(limit),
		grpc.ConnectionTimeout(handshake),
		grpc.KeepaliveEnforcementPolicy(enforcement()),
		grpc.KeepaliveParams(parameters),
		grpc.InTapHandle(bound(s.longest())),
	)
	if s.TLS == nil {
		return options, nil
	}
	if err := tls.set(s.TLS); err != nil {
		return nil, err
	}
	return append(options, grpc.Creds(credentials.NewTLS(tls.listener()))), nil
}

// Transport is how HTTP/2 is spoken here, whatever is asked. It stands apart so
// that another server can be measured on equal terms.
func Transport() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxConcurrentStreams(streams),
		grpc.StaticStreamWindowSize(streamWindow),
		grpc.StaticConnWindowSize(connectionWindow),
		grpc.MaxHeaderListSize(headerBytes),
		grpc.NumStreamWorkers(workers),
	}
}

func (s Settings) receiveBytes() (int, error) {
	if s.MaxReceiveBytes < 0 || s.MaxRequestBytes < 0 {
		return 0, errors.New("a size below zero")
	}
	least := s.MaxRequestBytes + messageRoom
	if s.MaxReceiveBytes == 0 {
		return max(defaultReceiveBytes, least), nil
	}
	if s.MaxReceiveBytes < least {
		return 0, fmt.Errorf("messages of %d bytes leave no room beside a body of %d: %d are needed",
			s.MaxReceiveBytes, s.MaxRequestBytes, least)
	}
	return s.MaxReceiveBytes, nil
}

func (s Settings) longest() time.Duration {
	if s.MaxCheck == 0 {
		return longestCheck
	}
	return s.MaxCheck
}

// parameters say when connections end. A grace that is shorter than a Check
// would cut it, which is an error to the proxy.
func (s Settings) parameters() (keepalive.ServerParameters, error) {
	p := keepalive.ServerParameters{Time: pingAfter, Timeout: pingWait}
	switch {
	case s.MaxCheck < 0 || s.MaxConnectionAge < 0 || s.MaxConnectionAgeGrace < 0:
		return p, errors.New("a time below zero")
	case s.MaxConnectionAge == 0:
		return p, nil
	case s.MaxConnectionAgeGrace <= s.longest():
		return p, fmt.Errorf("a grace of %s for old connections cuts Checks of %s", s.MaxConnectionAgeGrace, s.longest())
	default:
		p.MaxConnectionAge, p.MaxConnectionAgeGrace = s.MaxConnectionAge, s.MaxConnectionAgeGrace
		return p, nil
	}
}

// enforcement lets proxies ping every second. Under grpc's own policy a proxy
// that pings more often than every five minutes is sent away.
func enforcement() keepalive.EnforcementPolicy {
	return keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}
}

// bound ends a Check at its longest, from the first byte on: its handler waits
// for the message under this context, which a message that never comes would
// otherwise hold for ever. A nearer deadline of the caller's costs nothing here.
func bound(longest time.Duration) tap.ServerInHandle {
	return func(ctx context.Context, info *tap.Info) (context.Context, error) {
		if info.FullMethodName != checkMethod {
			return ctx, nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= longest { //nolint:forbidigo // a context's deadline is on the process's own clock
			return ctx, nil
		}
		bounded, cancel := context.WithTimeout(ctx, longest)
		context.AfterFunc(ctx, cancel) // a call that ends sooner takes its timer along
		return bounded, nil
	}
}
