package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"time"
)

// profileVariable names the Unix socket on which the compiled tests, run as
// sallyport, serve pprof. The program itself has no such door: test/bench -profile
// runs this binary in its place, which is the same code beside the tests.
const profileVariable = "SALLYPORT_PPROF"

// profiled is main with that door, where the variable asks for it.
func profiled() {
	if path := os.Getenv(profileVariable); path != "" {
		if err := serveProfiles(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	main()
}

func serveProfiles(path string) error {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return fmt.Errorf("serve profiles: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/profile", pprof.Profile)
	mux.Handle("/allocs", pprof.Handler("allocs"))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	return nil
}
