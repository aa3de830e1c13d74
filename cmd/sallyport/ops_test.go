package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/rogpeppe/go-internal/testscript"
)

// page asks on a socket, as curl --unix-socket does: SOCKET METHOD PATH. Status
// and body are its stdout.
func page(script *testscript.TestScript, _ bool, args []string) {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", script.MkAbs(args[0]))
	}
	transport := &http.Transport{DialContext: dial, DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(context.Background(), args[1], "http://localhost"+args[2], http.NoBody)
	script.Check(err)
	response, err := transport.RoundTrip(request)
	script.Check(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	script.Check(err)
	fmt.Fprintf(script.Stdout(), "%d %s", response.StatusCode, body)
}
