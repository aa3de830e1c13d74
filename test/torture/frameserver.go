package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/test/bufconn"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/envoy"
	"github.com/sallyport-authz/sallyport/authz/keylist"
	"github.com/sallyport-authz/sallyport/authz/rego"
	"github.com/sallyport-authz/sallyport/authz/route"
	"github.com/sallyport-authz/sallyport/authz/tenant"
)

// frameServer is a listener in this process, with everything behind it that the
// program has, and a connection to it. A panic that nobody caught ends us too.
type frameServer struct {
	server     *envoy.Server
	connection *grpc.ClientConn
	ended      chan error
}

// silent records nothing.
type silent struct{}

// Record implements authz.Recorder.
func (silent) Record(authz.Event) {}

func newFrameServer(ctx context.Context) (*frameServer, error) {
	authorizer, err := newFrameAuthorizer(ctx)
	if err != nil {
		return nil, err
	}
	server, err := envoy.NewServer(envoy.Settings{
		Checker: authorizer, Recorder: silent{}, Now: time.Now, NewID: func() string { return "torture" },
	})
	if err != nil {
		return nil, fmt.Errorf("make the server: %w", err)
	}
	const room = 4 << 20
	listener := bufconn.Listen(room)
	s := &frameServer{server: server, ended: make(chan error, 1)}
	go func() { s.ended <- server.Serve(listener) }()
	s.connection, err = grpc.NewClient("passthrough:///torture",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connect: %w", err), server.Shutdown(ctx), <-s.ended)
	}
	return s, nil
}

// newFrameAuthorizer knows one key for one operation.
func newFrameAuthorizer(ctx context.Context) (*authz.Authorizer, error) {
	snapshot, err := newFrameSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	limits := authz.Limits{InFlight: 512, Timeout: answerTime, Margin: 20 * time.Millisecond}
	authorizer, err := authz.NewAuthorizer(limits, time.Now)
	if err != nil {
		return nil, fmt.Errorf("make the authorizer: %w", err)
	}
	authorizer.Swap(snapshot)
	return authorizer, nil
}

func newFrameSnapshot(ctx context.Context) (*authz.Snapshot, error) {
	key := keylist.Key{ID: "torture", Digest: keylist.Digest(theKey), Caller: authz.Caller{Tenant: "acme", Scopes: []string{"read"}}}
	keys, err := apikey.New(apikey.Settings{Header: keyHeader, Keys: []keylist.Key{key}}, time.Now)
	if err != nil {
		return nil, fmt.Errorf("make the authenticator: %w", err)
	}
	known := []*authz.Configured{{Name: "key", Kind: "apikey", Word: "key", Traits: keys.Traits(), Authenticator: keys}}
	router, err := newFrameRouter(known)
	if err != nil {
		return nil, err
	}
	policy, err := rego.New(ctx, rego.Settings{Scopes: []string{"read"}, Timeout: answerTime})
	if err != nil {
		return nil, fmt.Errorf("compile the policy: %w", err)
	}
	return authz.NewSnapshot(authz.Snapshot{Generation: 1, Router: router, Policy: policy, Carriers: keys.Traits().Carriers}), nil
}

func newFrameRouter(known []*authz.Configured) (authz.Router, error) {
	claims, err := authz.NewClaims(known[0].Carriers, known)
	if err != nil {
		return nil, fmt.Errorf("settle claims: %w", err)
	}
	ofCaller, err := tenant.Parse("caller", nil)
	if err != nil {
		return nil, fmt.Errorf("find the tenant's source: %w", err)
	}
	accept := [][]*authz.Configured{known}
	operation := &authz.Route{
		Kind: authz.Operation, ID: "orders", Method: "GET", Template: thePath,
		Claims: claims, Accept: accept, Scopes: []string{"read"}, Tenant: ofCaller,
	}
	table, err := route.New(route.Spec{
		Hosts: []route.Host{{
			Name: "api", Patterns: []string{theHost},
			NoRoute: &authz.Route{Kind: authz.NothingDeclared, Claims: claims, Accept: accept},
			Rules:   []route.Rule{{Method: "GET", Template: thePath, Route: operation}},
		}},
		Unknown: &authz.Route{Kind: authz.NothingDeclared, Claims: claims},
	})
	if err != nil {
		return nil, fmt.Errorf("make the routes: %w", err)
	}
	return table, nil
}

// ask sends bytes as they are and gives those of the answer.
func (s *frameServer) ask(ctx context.Context, message []byte) ([]byte, error) {
	var answer []byte
	err := s.connection.Invoke(ctx, authorizationCheck, &message, &answer, grpc.ForceCodecV2(verbatim{}))
	return answer, err //nolint:wrapcheck // the caller says what it asked
}

const authorizationCheck = "/envoy.service.auth.v3.Authorization/Check"

func (s *frameServer) close() error {
	return errors.Join(s.connection.Close(), s.server.Shutdown(context.Background()), <-s.ended)
}

// verbatim is a codec of bytes.
type verbatim struct{}

// Marshal implements encoding.CodecV2.
func (verbatim) Marshal(v any) (mem.BufferSlice, error) {
	message, ok := v.(*[]byte)
	if !ok {
		return nil, fmt.Errorf("encode %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(*message)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (verbatim) Unmarshal(data mem.BufferSlice, v any) error {
	message, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("decode %T", v)
	}
	*message = data.Materialize()
	return nil
}

// Name implements encoding.CodecV2.
func (verbatim) Name() string { return "proto" }
