package system_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	prood = "../../examples/prood"
	wire  = "testdata/wire"
	mcify = "../../examples/mcify"
	// tokens, hosted and jwks know callers by tokens of a real issuer.
	tokens = "testdata/jwt"
	hosted = "testdata/hosted"
	jwks   = "testdata/jwks"
	// wireEnvoy and openEnvoy are bootstraps, openCluster the name by which the
	// second one knows Sallyport.
	wireEnvoy = "testdata/wire/envoy.yaml"
	openEnvoy = "testdata/open/envoy.yaml"
)

// world is an upstream, a Sallyport and an Envoy of their own.
type world struct {
	echo      *echo.Server
	sallyport *mesh.Sallyport
	envoy     *mesh.Envoy
	// beside is where programs of the example's own listen.
	beside mesh.Moves
}

// begin starts a world: the configuration in the folder, the bootstrap as
// shipped. It ends with the test, and every part must end in order.
func begin(t *testing.T, folder, bootstrap string) *world {
	t.Helper()
	return beginWith(t, folder, bootstrap)
}

// beginWith starts a world whose configuration is changed: each text that stands
// first in a pair becomes the second.
func beginWith(t *testing.T, folder, bootstrap string, pairs ...string) *world {
	t.Helper()
	return beginOn(t, configure(t, folder, pairs...), bootstrap)
}

// beginOn starts a world on a configuration that is there.
func beginOn(t *testing.T, config, bootstrap string) *world {
	t.Helper()
	return beginBeside(t, config, bootstrap, nil)
}

// beginBeside starts a world in which programs of the example's own run already.
func beginBeside(t *testing.T, config, bootstrap string, beside mesh.Moves) *world {
	t.Helper()
	w := &world{beside: beside}
	must(t, beside.Configure(config))
	var err error
	if w.echo, err = echo.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.echo.Close()) })
	w.sallyport = serveOn(t, config)
	dir := short(t)
	text, err := mesh.Bootstrap(bootstrap, mesh.Places{Clusters: w.clusters(t, bootstrap)})
	if err != nil {
		t.Fatal(err)
	}
	if w.envoy, err = mesh.StartEnvoy(t.Context(), text, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.envoy.Stop()) })
	return w
}

// serve starts the program on a copy of the folder.
func serve(t *testing.T, folder string, pairs ...string) *mesh.Sallyport {
	t.Helper()
	return serveOn(t, configure(t, folder, pairs...))
}

// configure copies the folder, and changes its configuration.
func configure(t *testing.T, folder string, pairs ...string) string {
	t.Helper()
	config, err := mesh.Configure(folder, filepath.Join(short(t), "c"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		change(t, config, pairs[i], pairs[i+1])
	}
	return config
}

func serveOn(t *testing.T, config string) *mesh.Sallyport {
	t.Helper()
	s, err := mesh.StartSallyport(t.Context(), os.Getenv("SALLYPORT"), config, "--log-level", "debug")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		told := pages(s)
		must(t, s.Stop())
		sent.foundIn(t, s.Output()+told)
	})
	return s
}

// pages are what a server tells operators; "" where it has no such listener, or
// the test has ended it already.
func pages(s *mesh.Sallyport) string {
	told := ""
	for _, path := range []string{"/status", "/metrics"} {
		if _, text, err := s.Page(context.Background(), path); s.Ops() != "" && err == nil {
			told += text
		}
	}
	return told
}

// clusters are the places of every cluster that a bootstrap knows. One of another name
// than these is an upstream on the web.
func (w *world) clusters(t *testing.T, bootstrap string) map[string]string {
	t.Helper()
	names, err := mesh.BootstrapNames(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{}
	for _, cluster := range names.Clusters {
		moved, ok := w.beside[names.Addresses[cluster]]
		switch {
		case ok:
			places[cluster] = moved
		case cluster == "authz", cluster == "authz_tcp":
			places[cluster] = w.sallyport.TCP()
		case cluster == "authz_socket":
			places[cluster] = w.sallyport.Socket()
		case cluster == "echo_rpc":
			places[cluster] = w.echo.RPC()
		case cluster == "echo_tcp":
			places[cluster] = w.echo.TCP()
		default:
			places[cluster] = w.echo.Web()
		}
	}
	return places
}

// stat reads one of Envoy's counters.
func (w *world) stat(t *testing.T, name string) int64 {
	t.Helper()
	stats, err := w.envoy.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stats[name]
}

// short makes a folder whose path leaves room for the name of a Unix socket,
// which is bounded at about 100 bytes; t.TempDir has the test's name in it.
func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s-") //nolint:usetesting // its path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
