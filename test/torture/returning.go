package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz/tokenform"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// returning are callers whose tokens are kept as slow hashes, and who all come back at
// once to a server that remembers nothing.
type returning struct {
	tokens int
	shows  []string
	// later counts answers that said to come back.
	later atomic.Int64
	took  []time.Duration
	other []time.Duration
}

const (
	// slowRounds are those of requirements.md.
	slowRounds = 600_000
	// longestReturn bounds how long all may take until each has passed.
	longestReturn = 5 * time.Minute
)

// prepare makes the tokens, as another system kept them.
func (r *returning) prepare(ctx context.Context, p *storeProgram, draw *rand.Rand) error {
	r.shows = make([]string, r.tokens)
	c := &contestant{name: "returning"}
	salts := make([]uint64, r.tokens)
	for i := range salts {
		salts[i] = draw.Uint64()
	}
	return crew{workers: 2, step: func(ctx context.Context, number uint64) error {
		secret, ref, err := tokenform.Mint("pfy_")
		if err != nil {
			return fmt.Errorf("make a token: %w", err)
		}
		kept, err := pbkdf2Text(secret.Reveal(), slowRounds, random(salts[number], number))
		if err != nil {
			return err
		}
		r.shows[number] = "Bearer " + secret.Reveal()
		_, err = p.admin.ImportToken(ctx, &adminv1.ImportTokenRequest{
			Ref: &adminv1.TokenRef{Prefix: ref.Prefix, Lookup: ref.Lookup}, Scheme: "encoded", Kept: kept, Grant: c.grant(""),
		})
		return err
	}}.run(ctx, 0, uint64(r.tokens))
}

// run restarts the server, lets all come back from where they are, and others ask
// meanwhile.
func (r *returning) run(ctx context.Context, p *storeProgram, others stream) error {
	if err := p.kill(); err != nil {
		return err
	}
	if _, err := p.start(ctx); err != nil {
		return err
	}
	begun := time.Now()
	errs := make([]error, r.tokens)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = r.until(ctx, p, r.shows[i], fmt.Sprintf("198.51.100.%d", i)) })
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for open := true; open; {
		for _, one := range others.run(ctx, time.Second) {
			// The one with a password has to wait for a slow hash, too.
			if one.err != nil || one.status != 200 && (one.status != 503 || one.retry == "") {
				return fmt.Errorf("beside returning tokens others are answered %+v: %w", one.reply, one.err)
			}
			if one.status == 200 {
				r.other = append(r.other, one.took)
			}
		}
		select {
		case <-done:
			open = false
		default:
		}
	}
	r.took = append(r.took, time.Since(begun))
	return errors.Join(errs...)
}

// until asks until the caller passes. Before that it is told to come back.
func (r *returning) until(ctx context.Context, p *storeProgram, shows, address string) error {
	for end := time.Now().Add(longestReturn); ; {
		got, err := p.ask(ctx, question{shows: shows, address: address})
		switch {
		case err != nil || got.status == 200:
			return err
		case got.status != 503 || got.retry == "":
			return fmt.Errorf("a good credential was answered %+v", got)
		case time.Now().After(end) || ctx.Err() != nil:
			return errors.Join(errors.New("a good credential never passed"), context.Cause(ctx))
		}
		r.later.Add(1)
		time.Sleep(time.Second) // as it was told
	}
}

// String tells what was seen.
func (r *returning) String() string {
	return fmt.Sprintf("%d tokens of %d rounds came back after a restart %d times: all passed within %s at most, after %d answers to come back; meanwhile others p50 %s, p99 %s",
		r.tokens, slowRounds, len(r.took), quantile(r.took, 100).Round(time.Millisecond), r.later.Load(), quantile(r.other, 50), quantile(r.other, 99))
}
