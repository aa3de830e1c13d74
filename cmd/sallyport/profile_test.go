package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"time"
)

// profileVariable names the Unix socket on which the compiled tests, run as
// sallyport, serve pprof. The program itself has no such door: test/bench -profile
// and the case reloads of test/torture run this binary in its place, which is the
// same code beside the tests.
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
	for _, name := range []string{"allocs", "block", "heap", "mutex"} {
		mux.Handle("/"+name, pprof.Handler(name))
	}
	mux.HandleFunc("/watch", func(http.ResponseWriter, *http.Request) { // from now on every wait is counted
		runtime.SetBlockProfileRate(1)
		runtime.SetMutexProfileFraction(1)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	return nil
}
