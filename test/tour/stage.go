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

// The names that the example's bootstrap must use; every other cluster is an upstream.
const (
	listener    = "api"
	authzTCP    = "authz_tcp"
	authzSocket = "authz_socket"
)

// stage is what a tour runs on.
type stage struct {
	echo      *echo.Server
	beside    *mesh.Beside
	sallyport *mesh.Sallyport
	envoy     *mesh.Envoy
	// address is "host:port" of the proxy.
	address string
	// program is Sallyport's, secrets are what the example's scripts printed so far.
	program string
	secrets mesh.Secrets
}

// raise starts everything, the proxy last, and the script beside, if any, before
// Sallyport. On an error nothing keeps running.
func raise(ctx context.Context, o options, beside string) (_ *stage, err error) {
	s := &stage{program: o.program, secrets: mesh.Secrets{}}
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
	if beside != "" {
		if err := s.startBeside(ctx, config, beside); err != nil {
			return nil, err
		}
	}
	if s.sallyport, err = mesh.StartSallyport(ctx, o.program, config); err != nil {
		return nil, err
	}
	if s.secrets, err = s.sallyport.Seed(ctx, s.secrets); err != nil {
		return nil, err
	}
	places, err := s.places(ctx, o)
	if err != nil {
		return nil, err
	}
	bootstrap, err := mesh.Bootstrap(o.bootstrap(), places)
	if err != nil {
		return nil, err
	}
	if s.envoy, err = mesh.StartEnvoy(ctx, bootstrap, o.dir); err != nil {
		return nil, err
	}
	s.address = s.envoy.Address(listener)
	return s, nil
}

func (s *stage) startBeside(ctx context.Context, config, script string) (err error) {
	if s.beside, err = mesh.StartBeside(ctx, config, script); err != nil {
		return err
	}
	if s.secrets, err = s.beside.Variables(); err != nil {
		return err
	}
	return s.beside.Places().Configure(config)
}

// moved is where a cluster is that the script beside serves.
func (s *stage) moved(address string) (string, bool) {
	if s.beside == nil {
		return "", false
	}
	place, ok := s.beside.Places()[address]
	return place, ok
}

// places gives those who stay the port that the bootstrap names, if nobody else has it.
func (s *stage) places(ctx context.Context, o options) (mesh.Places, error) {
	names, err := mesh.BootstrapNames(o.bootstrap())
	if err != nil {
		return mesh.Places{}, err
	}
	places := mesh.Places{Clusters: map[string]string{}}
	for _, cluster := range names.Clusters {
		moved, ok := s.moved(names.Addresses[cluster])
		switch {
		case ok:
			places.Clusters[cluster] = moved
		case cluster == authzTCP:
			places.Clusters[cluster] = s.sallyport.TCP()
		case cluster == authzSocket:
			places.Clusters[cluster] = s.sallyport.Socket()
		default:
			places.Clusters[cluster] = s.echo.Web()
		}
	}
	if port := names.Ports[listener]; o.stay && free(ctx, port) {
		places.Ports = map[string]int{listener: port}
	}
	return places, nil
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
	if s.beside != nil {
		failures = append(failures, s.beside.Stop())
	}
	if s.echo != nil {
		failures = append(failures, s.echo.Close())
	}
	return errors.Join(failures...)
}
