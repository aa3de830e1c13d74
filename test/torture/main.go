package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	name   string
	folder string
	fresh  bool
	// again is a stretch that is done once more, without progress being kept.
	again      bool
	seed, from uint64
	limit      time.Duration
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.StringVar(&o.folder, "state", ".tools/torture", "the folder that progress is kept in")
	flags.BoolVar(&o.fresh, "fresh", false, "begin anew with another seed")
	flags.Uint64Var(&o.seed, "seed", 0, "do a stretch again under this seed, without keeping progress")
	flags.Uint64Var(&o.from, "from", 0, "the first step of that stretch")
	flags.DurationVar(&o.limit, "limit", 40*time.Minute, "end with an error after this long, with the progress kept")
	if err := flags.Parse(args); err != nil {
		return options{}, fmt.Errorf("read flags: %w", err)
	}
	flags.Visit(func(f *flag.Flag) { o.again = o.again || f.Name == "seed" })
	if flags.NArg() > 1 {
		return options{}, errors.New("name one case")
	}
	o.name = flags.Arg(0)
	return o, nil
}

// run lists the cases, or goes on with the one that is named.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.name == "" {
		for _, c := range cases() {
			fmt.Fprintf(out, "%-18s %9d steps  %s\n", c.Name, c.Steps, c.About)
		}
		return nil
	}
	c, err := find(o.name)
	if err != nil {
		return err
	}
	r, err := o.runner(c, out)
	if err != nil {
		return err
	}
	if r.at.Done >= c.Steps {
		fmt.Fprintf(out, "torture %s: all %d steps are done, seed %d: FRESH=1 begins anew\n", c.Name, c.Steps, r.at.Seed)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	return r.run(ctx)
}

// runner stands where the last run stopped, at step 0 of a new seed, or where
// the command line says.
func (o options) runner(c Case, out io.Writer) (*runner, error) {
	keep := func(s state) error { return s.write(o.folder, c.Name) }
	if o.again {
		forget := func(state) error { return nil }
		return &runner{what: c, at: state{Seed: o.seed, Done: o.from}, out: out, keep: forget}, nil
	}
	at, begun, err := readState(o.folder, c.Name)
	switch {
	case o.fresh || err == nil && !begun:
		at = state{Seed: rand.Uint64()}
	case err != nil:
		return nil, err
	}
	return &runner{what: c, at: at, out: out, keep: keep}, nil
}
