package main

import (
	"context"
	"sync"
	"time"
)

// stream is traffic in an open loop: each Check begins when it is due, whatever
// became of those before.
type stream struct {
	// rate is in Checks a second.
	rate int
	ask  func(ctx context.Context, number int) (reply, error)
}

// streamed is what came of it, one for each Check.
type streamed struct {
	reply
	err  error
	took time.Duration
}

func (s stream) run(ctx context.Context, lasting time.Duration) []streamed {
	all := make([]streamed, int(lasting.Seconds()*float64(s.rate)))
	var group sync.WaitGroup
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	begun := 0
	for start := time.Now(); begun < len(all) && ctx.Err() == nil; <-ticker.C {
		for due := int(time.Since(start).Seconds() * float64(s.rate)); begun < min(due, len(all)); begun++ {
			number := begun
			group.Go(func() {
				at := time.Now()
				one := &all[number]
				one.reply, one.err = s.ask(ctx, number)
				one.took = time.Since(at)
			})
		}
	}
	group.Wait()
	return all[:begun]
}

func times(all []streamed) []time.Duration {
	took := make([]time.Duration, len(all))
	for i := range all {
		took[i] = all[i].took
	}
	return took
}
