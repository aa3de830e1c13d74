package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// The names that the example's bootstrap must use.
const (
	listener     = "api"
	upstream     = "commerce"
	authzTCP     = "authz_tcp"
	authzSocket  = "authz_socket"
	familiarPort = 10000
)

// stage is what a tour runs on.
type stage struct {
	echo      *echo.Server
	sallyport *mesh.Sallyport
	envoy     *mesh.Envoy
	// address is "host:port" of the proxy.
	address string
}

// raise starts everything, the proxy last. On an error nothing keeps running.
func raise(ctx context.Context, o options) (s *stage, err error) {
	s = &stage{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.strike())
		}
	}()
	if s.echo, err = echo.Start(ctx); err != nil {
		return nil, fmt.Errorf("start upstream: %w", err)
	}
	config, err := mesh.Configure(o.example, filepath.Join(o.dir, "example"))
	if err != nil {
		return nil, err
	}
	if s.sallyport, err = mesh.StartSallyport(ctx, o.program, config); err != nil {
		return nil, err
	}
	bootstrap, err := mesh.Bootstrap(filepath.Join(o.example, "envoy.yaml"), s.places(ctx, o.stay))
	if err != nil {
		return nil, err
	}
	if s.envoy, err = mesh.StartEnvoy(ctx, bootstrap, o.dir); err != nil {
		return nil, err
	}
	s.address = s.envoy.Address(listener)
	return s, nil
}

// places gives those who stay the port that the documentation names, if nobody
// else has it.
func (s *stage) places(ctx context.Context, stay bool) mesh.Places {
	places := mesh.Places{Clusters: map[string]string{
		upstream: s.echo.Web(), authzTCP: s.sallyport.TCP(), authzSocket: s.sallyport.Socket(),
	}}
	if stay && free(ctx, familiarPort) {
		places.Ports = map[string]int{listener: familiarPort}
	}
	return places
}

func free(ctx context.Context, port int) bool {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// strike ends everything, in the opposite order.
func (s *stage) strike() error {
	var failures []error
	if s.envoy != nil {
		failures = append(failures, s.envoy.Stop())
	}
	if s.sallyport != nil {
		failures = append(failures, s.sallyport.Stop())
	}
	if s.echo != nil {
		failures = append(failures, s.echo.Close())
	}
	return errors.Join(failures...)
}
