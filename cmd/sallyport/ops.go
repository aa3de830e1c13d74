package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
	"github.com/sallyport-authz/sallyport/authz/ops"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// opsTime is how long pages under way have when the process ends.
const opsTime = time.Second

// opsPlan is where operators ask; address is "" where they do not.
type opsPlan struct {
	address string
	hosts   []string
}

// ops compiles the listener for operators. It asks nobody who they are.
func (c *compiler) ops() opsPlan {
	at, message := c.root.Field("ops"), c.message.GetOps()
	if message == nil {
		return opsPlan{}
	}
	address := message.GetAddress()
	taken := map[string]document.Cursor{}
	for i, listener := range c.message.GetServer().GetListeners() {
		taken[listener.GetAddress()] = c.root.Field("server").Field("listeners").Index(i).Field("address")
	}
	sound := c.checkAddress(at.Field("address"), address, taken)
	if sound && !message.GetInsecure() && !envoy.Private(address) {
		c.Refuse(at.Field("address"), fmt.Sprintf("operators' pages on %s: whoever reaches it learns the names of routes and authenticators", address), "a loopback address, or a unix socket", "write it as in 127.0.0.1:9192, or insecure: true if only operators can reach it")
	}
	for i, name := range message.GetHosts() {
		if host, err := authz.ParseHost(name); err != nil || host != name {
			c.Refuse(at.Field("hosts").Index(i), fmt.Sprintf("host %q", name), "a name in lower case, without a port", "write it as in sallyport.internal")
		}
	}
	return opsPlan{address, message.GetHosts()}
}

// watch is what operators see of the service: metrics count, and the server
// tells. All are nil where the configuration names no listener for them.
type watch struct {
	metrics *ops.Metrics
	server  *ops.Server
	socket  net.Listener
	log     *slog.Logger
}

// watch makes the metrics and binds the address. Nothing is served yet.
func (s *service) watch() (*watch, error) {
	w := &watch{log: s.log}
	if s.plan.ops.address == "" {
		return w, nil
	}
	var err error
	release, sources := ops.Release{Version: release(), Go: runtime.Version()}, s.sources()
	if w.metrics, err = ops.NewMetrics(sources, release, s.now); err != nil {
		return nil, fmt.Errorf("make the metrics: %w", err)
	}
	w.server, err = ops.New(ops.Settings{
		Metrics: w.metrics, Sources: sources, Release: release, Hosts: s.plan.ops.hosts, Now: s.now, Logger: s.log,
	})
	if err != nil {
		return nil, fmt.Errorf("make the listener for operators: %w", err)
	}
	if w.socket, err = envoy.Listen(s.plan.ops.address); err != nil {
		return nil, fmt.Errorf("listen for operators: %w", err)
	}
	return w, nil
}

// serve begins to answer operators. That nobody can ask any more is no reason to
// stop answering proxies.
func (w *watch) serve() {
	if w.server == nil {
		return
	}
	w.log.Info("serving operators", "address", address(w.socket))
	go func() {
		if err := w.server.Serve(w.socket); err != nil {
			w.log.Error("operators are not served any more", "cause", err)
		}
	}()
}

// close ends the pages, also those that were never served.
func (w *watch) close(ctx context.Context) {
	if w.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), opsTime)
	defer cancel()
	if err := w.server.Shutdown(ctx); err != nil {
		w.log.Warn("pages were cut", "cause", err)
	}
	_ = w.socket.Close()
}
