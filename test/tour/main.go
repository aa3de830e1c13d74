package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	stay    bool
	program string
	example string
	// dir is where everything of this run is written.
	dir string
}

// bootstrap is the example's Envoy.
func (o options) bootstrap() string { return filepath.Join(o.example, "envoy.yaml") }

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("tour", flag.ContinueOnError)
	flags.BoolVar(&o.stay, "stay", false, "keep everything running after the tour, until interrupted")
	flags.StringVar(&o.program, "sallyport", "", "the program to run; built when not given")
	if err := flags.Parse(args); err != nil {
		return options{}, fmt.Errorf("read flags: %w", err)
	}
	if flags.NArg() != 1 {
		return options{}, errors.New("name the folder of one example, as in: tour examples/prood")
	}
	o.example = flags.Arg(0)
	return o, nil
}

// run makes the whole tour. What it started and wrote is gone when it returns.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	read, err := readTour(filepath.Join(o.example, "tour.yaml"))
	if err != nil {
		return err
	}
	if o.dir, err = os.MkdirTemp("", "tour-"); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	if o.program == "" {
		if o.program, err = mesh.BuildSallyport(ctx, o.dir); err != nil {
			return err
		}
	}
	return read.make(ctx, o, out)
}

func (t tour) make(ctx context.Context, o options, out io.Writer) (err error) {
	s, err := raise(ctx, o, t.Beside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.strike()) }()
	failed, err := walk(ctx, s, t.Requests, out)
	if err != nil {
		return err
	}
	if o.stay {
		invite(out, s, t.Requests)
		<-ctx.Done()
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d requests were not as expected", failed, len(t.Requests))
	}
	return nil
}
