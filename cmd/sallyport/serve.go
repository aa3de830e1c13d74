package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
	"github.com/sallyport-authz/sallyport/authz/envoy"
	"github.com/sallyport-authz/sallyport/authz/tracing"
	"github.com/sallyport-authz/sallyport/authz/uses"
)

func serveCommand(now func() time.Time) *cobra.Command {
	return logLevelFlag(configFlag(&cobra.Command{
		Use:   "serve --config FILE",
		Short: "Answer Envoy; decision records go to stdout or a file, the log to stderr",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			log, err := logger(command)
			if err != nil {
				return err
			}
			outliveReaders()
			ctx, hurry, quit := signals(command.Context())
			defer quit()
			asked := make(chan os.Signal, 1)
			signal.Notify(asked, syscall.SIGHUP)
			defer signal.Stop(asked)
			from := newSource(command.Flag("config").Value.String(), now)
			from.ring = &keyring{changes: from.changes, now: now, log: log}
			defer from.ring.close()
			p, _, err := from.whole(ctx, 1)
			if err != nil {
				return err
			}
			s := &service{plan: p, now: now, hurry: hurry, log: log, changes: from.changes, vault: from.vault}
			s.reload = newReloader(from, p, s.log, asked)
			s.memory = settleMemory(os.LookupEnv, machine())
			s.memory.apply(s.log)
			p.tell(s.log)
			return s.run(ctx, command.OutOrStdout())
		},
	}))
}

// service is the running process.
type service struct {
	plan   *plan
	now    func() time.Time
	log    *slog.Logger
	memory memory
	reload *reloader
	// changes is the account of what was revoked.
	changes *authz.Changes
	vault   *vault
	// uses is nil where there is no store.
	uses *uses.Recorder
	// authorizer is made by run, and shelves where verdicts are remembered.
	authorizer *authz.Authorizer
	shelves    *shelves
	// door turns Checks away that the Authorizer never sees: both count shed ones.
	door *envoy.Door
	// records is nil where decision_log says off.
	records *decisionlog.Log
	// tracer is nil where the configuration has no tracing.
	tracer  *tracing.Recorder
	servers []*envoy.Server
	sockets []net.Listener
	// hurry is closed by the second signal.
	hurry <-chan struct{}
	// keys are the fetched ones of the plan in force.
	keys atomic.Pointer[holdings]
	// draining is true from the first signal on: /readyz says so.
	draining atomic.Bool
}

// run serves until ctx ends or a listener breaks. What is deferred first ends
// last: the decision log, which the last Check still needs.
func (s *service) run(ctx context.Context, records io.Writer) (err error) {
	if s.authorizer, err = authz.NewAuthorizer(s.plan.limits, s.now); err != nil {
		return fmt.Errorf("make the authorizer: %w", err)
	}
	forget, err := s.remember()
	if err != nil {
		return err
	}
	defer forget()
	recorder, finish, err := s.recorder(ctx, records)
	if err != nil {
		return err
	}
	defer finish()
	exportSpans, err := s.trace(ctx)
	if err != nil {
		return err
	}
	defer exportSpans()
	watch, err := s.watch() //nolint:contextcheck // binding an address waits for nobody: envoy.Listen takes no context
	if err != nil {
		return err
	}
	defer watch.close(ctx)
	handOver, err := s.noteUses(ctx)
	if err != nil {
		return err
	}
	defer handOver()
	if err := s.open(s.recorders(recorder, watch)); err != nil { //nolint:contextcheck // as above
		return errors.Join(err, s.shut(ctx))
	}
	watch.serve()
	return s.liveAndStop(ctx, s.start())
}

// liveAndStop ends administration after the last Check: while Checks are allowed, what
// allows them can be revoked. Before the store is open health says NOT_SERVING, and
// whoever asks gets 503: another process may own it for as long as it likes.
func (s *service) liveAndStop(ctx context.Context, ended chan error) error {
	end, err := s.openStore(ctx, ended)
	if err == nil {
		err = s.live(ctx, ended)
	}
	err = errors.Join(err, s.stop(context.WithoutCancel(ctx)))
	end()
	return err
}

// live puts the plan in force and keeps it like its files until ctx ends or a listener
// breaks.
func (s *service) live(ctx context.Context, ended chan error) error {
	s.keys.Store(s.plan.held)
	s.authorizer.Swap(s.plan.snapshot)
	for _, warning := range s.plan.warnings {
		s.log.Warn(warning.String())
	}
	for i, server := range s.servers {
		server.SetServing(true)
		s.log.Info("serving", "address", address(s.sockets[i]), "tls", s.plan.listeners[i].tls != nil, "reflection", s.plan.listeners[i].reflection)
	}
	defer s.keepUp(ctx, s.authorizer)()
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	case <-s.vault.faulted():
		return errFaulted
	}
}

// errFaulted ends a process whose store can be read in parts only. In order: Checks
// are answered, and denied, until proxies have noticed.
var errFaulted = errors.New("the store's file could not be read: look after the disk (sallyport store check), and start again")

// remember gives the authorizer its memory, where the configuration has one.
func (s *service) remember() (forget func(), err error) {
	if s.plan.cacheBytes == 0 {
		return func() {}, nil
	}
	if s.shelves, err = newShelves(s.plan.cacheBytes, s.now); err != nil {
		return nil, err
	}
	if err := s.authorizer.Remembering(s.shelves, s.changes); err != nil {
		return nil, fmt.Errorf("remember verdicts: %w", err)
	}
	return s.shelves.close, nil
}

// open binds every listener before any serves: where one cannot be bound,
// nothing starts.
func (s *service) open(recorder authz.Recorder) (err error) {
	if s.door, err = envoy.NewDoor(s.bounds()); err != nil {
		return fmt.Errorf("make the door: %w", err)
	}
	for _, l := range s.plan.listeners {
		socket, err := envoy.Listen(l.address)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", l.address, err)
		}
		s.sockets = append(s.sockets, socket)
		server, err := envoy.NewServer(envoy.Settings{
			Checker: s.authorizer, Recorder: recorder, Now: s.now, NewID: newID, Logger: s.log,
			MaxReceiveBytes: l.receive, MaxRequestBytes: l.requestBody, TrustScheme: l.trustScheme, TrustedHops: l.trustedHops, TLS: l.tls,
			Door: s.door, MaxCheck: longestCheck(s.plan.limits), Reflection: l.reflection,
			MaxConnectionAge: s.plan.lifetime.age, MaxConnectionAgeGrace: s.plan.lifetime.grace,
		})
		if err != nil {
			return fmt.Errorf("make the server for %s: %w", l.address, err)
		}
		s.servers = append(s.servers, server)
	}
	return nil
}

// shut ends what was begun when not everything could be.
func (s *service) shut(ctx context.Context) error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Shutdown(ctx))
	}
	for _, socket := range s.sockets {
		errs = append(errs, socket.Close())
	}
	return errors.Join(errs...)
}

// start answers on every listener; the channel gets the first error.
func (s *service) start() chan error {
	ended := make(chan error, len(s.servers)+1) // and the control socket
	for i, server := range s.servers {
		socket := s.sockets[i]
		go func() {
			if err := server.Serve(socket); err != nil {
				ended <- fmt.Errorf("serve on %s: %w", address(socket), err)
			}
		}()
	}
	return ended
}

// address is the bound address in the form of the configuration.
func address(socket net.Listener) string {
	if socket.Addr().Network() == "unix" {
		return "unix:" + socket.Addr().String()
	}
	return socket.Addr().String()
}

// newID is a random UUID (RFC 9562 section 5.4). rand.Read never returns an error.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	text := []byte("00000000-0000-0000-0000-000000000000")
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	return string(text)
}
