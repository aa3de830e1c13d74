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
// once to a server that remembers nothing. They, and a password, may be told to come
// back a second later (503 with Retry-After), since each costs a hash of its own. Nobody
// else may be told so: other tokens and JWTs pass at once, and as fast as on a server
// with nothing else to do.
type returning struct {
	tokens int
	// untimed lets a machine that is busy with something else turn others away, too.
	untimed bool
	shows   []string
	// later counts answers that said to come back.
	later atomic.Int64
	took  []time.Duration
	// other are those of whoever costs no slow hash, since the last restart.
	other []time.Duration
	// middle and slowest are how many times as long as idle they took at p50 and p99,
	// by restarts.
	middle, slowest []float64
}

const (
	// slowRounds are those of requirements.md.
	slowRounds = 600_000
	// longestReturn bounds how long all may take until each has passed.
	longestReturn = 5 * time.Minute
	// returns are how many are judged, by their median: at p50 by the bound of the
	// flood, which was held at 0.76 times idle. At p99 that of the flood, 3, holds on a
	// quiet machine only (5.9 ms beside 8.9 ms idle): a hash has one of two cores for
	// half a minute, and whatever else runs there shares the other one. Under a load of
	// 6 to 7 three returns took 6.5, 7.0 and 18.3 times idle, 32 to 61 ms beside 3 to
	// 9 ms. A hash takes 150 to 240 ms: that path is found by 10, on which one Check in
	// fifty waits for a hash.
	mostReturnSlowest = 10.0
	returns           = 3
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
// meanwhile. Of these mayWait tells who costs a slow hash, too.
func (r *returning) run(ctx context.Context, p *storeProgram, others stream, mayWait func(number int) bool) error {
	if err := p.kill(); err != nil {
		return err
	}
	if _, err := p.start(ctx); err != nil {
		return err
	}
	r.other = nil
	begun := time.Now()
	errs := make([]error, r.tokens)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = r.until(ctx, p, r.shows[i], fmt.Sprintf("198.51.100.%d", i)) })
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for open := true; open; {
		if err := r.meanwhile(others.run(ctx, time.Second), mayWait); err != nil {
			return err
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

// meanwhile wants whoever costs no slow hash to have passed, and keeps how long they
// took. Only who costs one may have been told to come back.
func (r *returning) meanwhile(all []streamed, mayWait func(number int) bool) error {
	for number, one := range all {
		told := one.status == 503 && one.retry != "" && (r.untimed || mayWait(number))
		if one.err != nil || one.status != 200 && !told {
			return fmt.Errorf("beside returning tokens others are answered %+v: %w", one.reply, one.err)
		}
		if !mayWait(number) {
			r.other = append(r.other, one.took)
		}
	}
	return nil
}

// judge compares how long the others took with an idle phase that came later, by the
// median of the last returns.
func (r *returning) judge(idle []time.Duration) error {
	middle := float64(percentile(r.other, 50)) / float64(percentile(idle, 50))
	slowest := float64(percentile(r.other, 99)) / float64(percentile(idle, 99))
	r.middle, r.slowest = append(r.middle, middle), append(r.slowest, slowest)
	if len(r.middle) < returns {
		return nil
	}
	middle, slowest = percentile(r.middle[len(r.middle)-returns:], 50), percentile(r.slowest[len(r.slowest)-returns:], 50)
	if middle > mostMiddle || slowest > mostReturnSlowest {
		return fmt.Errorf("beside returning tokens others wait %.2f times as long at p50 and %.2f at p99: %s", middle, slowest, r)
	}
	return nil
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
	return fmt.Sprintf("%d tokens of %d rounds came back after a restart %d times: all passed within %s at most, after %d answers to come back; meanwhile tokens and JWTs that cost none all passed, the last time at p50 in %s, %.2f times idle and %.2f at most, and at p99 in %s, %.2f times and %.2f at most",
		r.tokens, slowRounds, len(r.took), quantile(r.took, 100).Round(time.Millisecond), r.later.Load(),
		quantile(r.other, 50), percentile(r.middle, 50), percentile(r.middle, 100), quantile(r.other, 99), percentile(r.slowest, 50), percentile(r.slowest, 100))
}
