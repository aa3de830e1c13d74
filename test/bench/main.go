package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// noopCommand is the subcommand that is the no-op server.
const noopCommand = "noop"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	windows, connections, streams, warm int
	window                              time.Duration
	raw                                 bool
	out                                 string
	// profile is a folder; then nothing is measured. cold profiles what is not
	// cached.
	profile string
	cold    bool
	// judge ends a run in which an authenticator broke its bound with an error.
	judge bool
	// dir is where everything of this run is written.
	dir string
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.windows, "windows", 21, "how often each server is measured")
	flags.DurationVar(&o.window, "window", 300*time.Millisecond, "how long each time")
	flags.IntVar(&o.connections, "connections", 2, "connections to a server")
	flags.IntVar(&o.streams, "streams", 64, "Checks under way on each")
	flags.IntVar(&o.warm, "warm", 3, "how often every request is asked before")
	flags.BoolVar(&o.raw, "raw", false, "send headers as with Envoy's encode_raw_headers")
	flags.StringVar(&o.out, "out", "", "a file for the result, beside the output")
	flags.StringVar(&o.profile, "profile", "", "measure nothing, and write profiles of the server into this folder")
	flags.BoolVar(&o.cold, "cold", false, "with -profile: without the cache")
	flags.BoolVar(&o.judge, "judge", false, "fail where an authenticator costs more than it may")
	if err := flags.Parse(args); err != nil {
		return options{}, fmt.Errorf("read flags: %w", err)
	}
	if flags.NArg() > 0 || o.windows < 1 || o.connections < 1 || o.streams < 1 || o.window <= 0 {
		return options{}, errors.New("no arguments, and nothing below one")
	}
	return o, nil
}

// run is the whole benchmark, or the no-op server of one.
func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	if len(args) == 2 && args[0] == noopCommand {
		return serveNoop(args[1] == strconv.FormatBool(true), os.Stdin, stdout)
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.dir, err = os.MkdirTemp("", "bench-"); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	if o.profile != "" {
		return profile(ctx, o, stdout)
	}
	var kept bytes.Buffer
	err = bench(ctx, o, io.MultiWriter(stdout, &kept))
	if o.out == "" {
		return err
	}
	if broken := os.WriteFile(o.out, kept.Bytes(), 0o600); broken != nil {
		return errors.Join(err, fmt.Errorf("keep the result: %w", broken))
	}
	return err
}

// bench measures every target.
func bench(ctx context.Context, o options, out io.Writer) (err error) {
	w, err := newWorld()
	if err != nil {
		return err
	}
	frames, err := makeFrames(w.callers, o.raw)
	if err != nil {
		return err
	}
	targets, err := start(ctx, o, w)
	defer func() {
		for _, t := range targets {
			err = errors.Join(err, t.close())
		}
	}()
	if err != nil {
		return err
	}
	p := plan{frames: frames, streams: o.streams}
	printMethod(out, o, frames)
	for _, t := range targets {
		if err := warm(t, p, o); err != nil {
			return err
		}
	}
	results, err := rounds(ctx, targets, p, o)
	if err != nil {
		return err
	}
	printFigures(out, figures(results))
	return costs(ctx, o, out)
}

// start begins every server. Those that are there must be closed also beside an
// error.
func start(ctx context.Context, o options, w world) (targets []*target, err error) {
	right, err := rightSallyport(w.callers)
	if err != nil {
		return nil, err
	}
	noopBytes, err := proto.Marshal(noopAnswer())
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	rightNoop := func(answer []byte, _ *frame) error {
		if !slices.Equal(answer, noopBytes) {
			return fmt.Errorf("answer %x", answer)
		}
		return nil
	}
	program, err := mesh.BuildSallyport(ctx, o.dir)
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name  string
		start func() (process, error)
		right func([]byte, *frame) error
	}{
		{noopName, func() (process, error) { return startNoop(false) }, rightNoop},
		{tunedName, func() (process, error) { return startNoop(true) }, rightNoop},
		{cachedName, func() (process, error) {
			return startSallyport(ctx, program, filepath.Join(o.dir, cachedName), w)
		}, right},
		{coldName, func() (process, error) {
			return startSallyport(ctx, program, filepath.Join(o.dir, coldName), w.cold())
		}, right},
	} {
		p, err := s.start()
		if err != nil {
			return targets, err
		}
		t := &target{name: s.name, process: p, right: s.right}
		targets = append(targets, t)
		if err := t.connect(o.connections); err != nil {
			return targets, err
		}
	}
	return targets, nil
}
