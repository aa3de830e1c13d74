package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

const (
	defaultInterval = 5 * time.Second
	// settleTime is how long files must stay as they are before they are read: an
	// editor that empties a file and then writes it is seldom slower.
	settleTime = 100 * time.Millisecond
	// mostRests and mostReads bound how often one look waits for files that go on
	// changing, and reads them. The next look begins anew.
	mostRests, mostReads = 20, 5
	// longestLoad bounds one compilation with its tests.
	longestLoad = 2 * time.Minute
	// retryTime is when what was refused is tried again although no file has
	// changed: a test may have failed for want of time.
	retryTime = time.Minute
)

// errRestless: whatever was read was no longer so when it had been compiled.
var errRestless = errors.New("the files changed again and again while they were read; nothing of them is taken over until they rest")

// reloadPlan says how changes are found.
type reloadPlan struct {
	off      bool
	interval time.Duration
}

func (c *compiler) reload() reloadPlan {
	at, message := c.root.Field("reload"), c.message.GetReload()
	if message.GetOff() && message.GetInterval() != nil {
		c.Refuse(at.Field("interval"), "an interval of what is off", "one of the two", "take one of the two out")
	}
	return reloadPlan{message.GetOff(), c.span(at.Field("interval"), message.GetInterval(), span{100 * time.Millisecond, time.Hour, defaultInterval})}
}

// whole loads until nothing has changed between the reading and the end of the
// compilation, so that no plan is made of an old file and a new one.
func (s source) whole(ctx context.Context, generation uint64) (p *plan, files *inventory, err error) {
	for range mostReads {
		files = newInventory()
		p, err = s.safely(ctx, files, generation)
		if cause := ctx.Err(); cause != nil {
			p.release()
			return nil, files, fmt.Errorf("load: %w", cause)
		}
		if files.fresh() {
			return p, files, err
		}
		p.release()
	}
	return nil, files, errRestless
}

// safely makes an error of a panic: whatever a file does to the compilation, the
// process serves on.
func (s source) safely(ctx context.Context, files *inventory, generation uint64) (p *plan, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("compile: %w\n%s", authz.Panicked(r), debug.Stack())
		}
	}()
	return s.load(ctx, files, generation)
}

// reloader keeps the live plan like its files. One goroutine runs it and owns
// all of it but the status; no Check ever waits for it.
type reloader struct {
	source source
	plan   reloadPlan
	log    *slog.Logger
	// take puts a plan in force, and releases the one from before. On an error that
	// one stays.
	take func(*plan) error
	// asked is sent to by SIGHUP.
	asked  <-chan os.Signal
	settle time.Duration

	// began is what cannot change any more.
	began *configv1.Config
	// live was read for what is in force, tried for the last attempt.
	live, tried *inventory
	// restart is what the live files want of a restart.
	restart []string
	status  atomic.Pointer[reloadStatus]
}

// newReloader makes one for a plan that is about to go live. Who runs it sets take.
func newReloader(from source, p *plan, log *slog.Logger, asked <-chan os.Signal) *reloader {
	r := &reloader{
		source: from, plan: p.reload, log: log, asked: asked, settle: settleTime,
		began: p.settings.fixed(), live: p.files, tried: p.files,
	}
	p.settings = settings{}
	store := p.store
	r.source.began = &store
	at := from.now()
	r.status.Store(&reloadStatus{
		Off: p.reload.off, Generation: p.snapshot.Generation, Standings: p.summary.standings,
		Since: at, Looked: at, Attempted: at, OK: true,
	})
	return r
}

// run looks at the files at once, then whenever it is told of a change, asked,
// or the interval is over. It ends with ctx.
func (r *reloader) run(ctx context.Context) {
	if r.plan.off {
		r.refuseToLook(ctx)
		return
	}
	h := newHints(r.log)
	defer h.close()
	ticker := time.NewTicker(r.plan.interval)
	defer ticker.Stop()
	h.follow(r.live)
	for asked := false; ; {
		r.look(ctx, asked)
		h.follow(r.live, r.tried)
		asked = false
		select {
		case <-ctx.Done():
			return
		case <-r.asked:
			asked = true
		case <-h.changed:
			wait(ctx, r.settle)
		case <-ticker.C:
		}
	}
}

// refuseToLook tells whoever asks that reload is off.
func (r *reloader) refuseToLook(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.asked:
			r.log.Warn("asked to reload, but reload is off")
		}
	}
}

// look takes over what has changed since the last attempt.
func (r *reloader) look(ctx context.Context, asked bool) {
	status := *r.status.Load()
	status.Looked = r.source.now()
	r.status.Store(&status)
	due := !status.OK && status.Looked.Sub(status.Attempted) >= retryTime
	if !asked && !due && r.tried.fresh() {
		return
	}
	r.rest(ctx)
	if r.live.fresh() {
		r.recover(asked)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, longestLoad)
	defer cancel()
	begun := r.source.now()
	p, files, err := r.source.whole(ctx, status.Generation+1)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
	case err != nil:
		r.refuse(files, err)
	case files.same(r.live):
		p.release()
		r.recover(asked)
	default:
		r.accept(p, begun)
	}
}

// rest waits until the files have not changed for as long as they must settle.
func (r *reloader) rest(ctx context.Context) {
	before := r.tried.again()
	for range mostRests {
		wait(ctx, r.settle)
		now := r.tried.again()
		if ctx.Err() != nil || maps.Equal(before, now) {
			return
		}
		before = now
	}
}

// accept puts a plan in force.
func (r *reloader) accept(p *plan, begun time.Time) {
	restarts := p.settings.restarts(r.began)
	p.settings = settings{}
	if err := r.take(p); err != nil {
		p.release()
		r.refuse(p.files, err)
		return
	}
	r.live, r.tried, r.restart = p.files, p.files, problemLines(restarts)
	at := r.source.now()
	status := r.status.Load().accepted(p, r.restart, at)
	r.status.Store(&status)
	r.log.Info("reloaded", "generation", status.Generation, "took", at.Sub(begun).String(), "compiled", p.summary.String())
	for _, warning := range append(p.warnings, restarts...) {
		r.log.Warn(warning.String())
	}
}

// refuse keeps what is in force, and tells each problem once.
func (r *reloader) refuse(files *inventory, err error) {
	r.tried = files
	before, problems := r.status.Load(), lines(err)
	status := before.refused(problems, r.source.now())
	r.status.Store(&status)
	if !before.tells(problems) {
		r.log.Error("reload refused: what was live before stays in force", "generation", status.Generation, "problems", problems)
	}
}

// recover is for files that are what is live.
func (r *reloader) recover(asked bool) {
	r.tried = r.live
	before := r.status.Load()
	if asked || !before.OK {
		r.log.Info("the files are what is live", "generation", before.Generation)
	}
	status := before.recovered()
	r.status.Store(&status)
}

// wait ends with ctx at the latest.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
