package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
)

// kills ends the program by kill -9 while tokens are minted, rotated and revoked.
func kills() Case {
	return Case{
		Name:  "kill",
		About: "after kill -9 an acknowledged change is lost or undone, another one is half made, the store is not sound, or a start takes more than 2 s",
		Steps: 3000, // of which `make test` does 30
		Open:  openKilling,
	}
}

const (
	// writers change the store side by side, so that it is never idle.
	writers = 8
	// An era is how many steps one store lasts: it is read as a whole in each.
	era = 25
	// mostStart is what a start after a kill may take.
	mostStart = 2 * time.Second
	// The moments of kills: after the writers began, after a start, and after an
	// offline command has opened its store.
	mostWriting  = 100 * time.Millisecond
	mostStarting = 60 * time.Millisecond
	mostOffline  = 15 * time.Millisecond

	killConfiguration = `server: {drain: 0s, listeners: [{address: "unix:DIR/authz.sock"}]}
scopes: [read]
store: {path: data, keys: [{id: k1, secret: "file:server.key"}]}
authenticators:
  - {name: token, token: {prefixes: [mbz_]}}
hosts:
  - {name: api, match: [api.example.com], accept: [token], tenant: none, routes: [{methods: [GET], path: /key, scopes: [read]}]}
decision_log: {off: true}
`
)

// killing is the campaign. When and between what a kill falls is the machine's: a
// step that is done again draws the same moments and meets others.
type killing struct {
	Setting
	file          string
	program, copy *storeProgram
	ledger        *ledger
	// known is how many deeds the ledger knew when it was last held against a store.
	known int
	seen  killed
}

// killed is what was seen.
type killed struct {
	kills, offline, starting int
	// answered were acknowledged; of those that were not, made were found made.
	answered, unanswered, made int
	starts                     []time.Duration
}

func openKilling(ctx context.Context, setting Setting) (Campaign, error) {
	k := &killing{Setting: setting}
	var err error
	if k.file, err = buildStoreProgram(ctx, setting.Dir); err != nil {
		return nil, err
	}
	k.copy, err = newStoreProgram(k.file, filepath.Join(setting.Dir, "copy"), killConfiguration)
	return k, err
}

// Run implements Campaign.
func (k *killing) Run(ctx context.Context, from, to uint64) error {
	return inTurn(ctx, from, to, k.step)
}

// step is one kill, and what was left.
func (k *killing) step(ctx context.Context, number uint64) error {
	r := random(k.Seed, number)
	if k.program == nil || number%era == 0 {
		if err := k.renew(ctx, number, r); err != nil {
			return err
		}
	}
	const often = 10
	kill := k.serving
	if number%often == 3 {
		kill = k.alone
	}
	if err := kill(ctx, r); err != nil {
		return err
	}
	k.seen.kills++
	if number%often == 6 { // and once more, while it finds out what was left
		if err := k.stillborn(ctx, r); err != nil {
			return err
		}
	}
	return k.aftermath(ctx, r)
}

// renew begins a store, every other one of which is killed while it is being made.
func (k *killing) renew(ctx context.Context, number uint64, r *rand.Rand) (err error) {
	if k.program != nil {
		if err := errors.Join(k.program.kill(), os.RemoveAll(k.program.dir)); err != nil {
			return err
		}
	}
	k.ledger, k.known = newLedger(), 0
	if k.program, err = newStoreProgram(k.file, filepath.Join(k.Dir, fmt.Sprint(number)), killConfiguration); err != nil {
		return err
	}
	if number/era%2 == 0 {
		if err := k.stillborn(ctx, r); err != nil {
			return err
		}
	}
	return k.start(ctx)
}

func (k *killing) start(ctx context.Context) error {
	took, err := k.program.start(ctx)
	k.seen.starts = append(k.seen.starts, took)
	if err == nil && took > mostStart && !k.Untimed {
		err = fmt.Errorf("the start took %s", took)
	}
	return err
}

// stillborn starts the server and kills it soon.
func (k *killing) stillborn(ctx context.Context, r *rand.Rand) error {
	k.seen.starting++
	server := k.program.command(ctx, "serve")
	if err := server.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	time.Sleep(time.Duration(r.Int64N(int64(mostStarting))))
	err := server.Process.Kill()
	_ = server.Wait()
	return err //nolint:wrapcheck // it names the process
}

// serving kills the server among its writers.
func (k *killing) serving(ctx context.Context, r *rand.Rand) error {
	var dying atomic.Bool
	var errs [writers]error
	var group sync.WaitGroup
	for i, w := range k.crew(r) {
		group.Go(func() {
			for errs[i] == nil {
				errs[i] = w.act(ctx, k.program.admin)
			}
			if dying.Load() && !certain(errs[i]) {
				errs[i] = nil // it was not answered
			}
		})
	}
	time.Sleep(time.Duration(r.Int64N(int64(mostWriting))))
	dying.Store(true)
	err := k.program.kill()
	group.Wait()
	return errors.Join(err, errors.Join(errs[:]...))
}

// certain are errors that no kill explains.
func certain(err error) bool {
	return errors.Is(err, authz.ErrNotFound) || errors.Is(err, authz.ErrExists) || errors.Is(err, authz.ErrInvalid) || errors.Is(err, errDoubtful)
}

// crew are writers that share out the tokens that may still be changed.
func (k *killing) crew(r *rand.Rand) []*writer {
	all := make([]*writer, writers)
	for i := range all {
		all[i] = &writer{ledger: k.ledger, random: rand.New(rand.NewPCG(r.Uint64(), uint64(i)))}
	}
	for i, t := range k.ledger.sorted() {
		if t.Revoked.IsZero() {
			all[i%writers].stock = append(all[i%writers].stock, t)
		}
	}
	return all
}

// alone kills an offline command, once it has opened the store.
func (k *killing) alone(ctx context.Context, r *rand.Rand) error {
	if err := k.program.kill(); err != nil {
		return err
	}
	k.seen.offline++
	socket := filepath.Join(k.program.data(), admin.SocketName)
	before, _ := os.Lstat(socket)
	command, read := k.crew(r)[0].offline(ctx, k.program)
	var said, told bytes.Buffer
	command.Stdout, command.Stderr = &said, &told
	if err := command.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for open := false; !open && len(ended) == 0; {
		now, err := os.Lstat(socket)
		open = err == nil && (before == nil || !os.SameFile(before, now))
		time.Sleep(time.Millisecond / 4)
	}
	time.Sleep(time.Duration(r.Int64N(int64(mostOffline))))
	_ = command.Process.Kill()
	err := <-ended
	acknowledged, wrong := read(said.Bytes())
	switch {
	case wrong != nil:
		return wrong
	case err != nil && command.ProcessState.Exited() || err == nil && !acknowledged:
		return fmt.Errorf("%v: %w: %s%s", command.Args, err, said.String(), told.String())
	default:
		return nil
	}
}

// aftermath starts the server again, and holds what was left against the ledger and
// what is served against that.
func (k *killing) aftermath(ctx context.Context, r *rand.Rand) error {
	if err := k.copy.inherit(k.program); err != nil {
		return err
	}
	if err := k.start(ctx); err != nil {
		return err
	}
	if err := k.copy.check(ctx); err != nil {
		return err
	}
	found, err := readRemains(ctx, k.copy.database())
	if err != nil {
		return err
	}
	unanswered, known := len(k.ledger.unknown), len(k.ledger.known)
	if err := k.ledger.judge(found); err != nil {
		return err
	}
	made := len(k.ledger.known) - known
	k.seen.unanswered, k.seen.made = k.seen.unanswered+unanswered, k.seen.made+made
	k.seen.answered, k.known = k.seen.answered+known-k.known, len(k.ledger.known)
	return k.served(ctx, r)
}

// served asks the server for some tokens, the newest among them.
func (k *killing) served(ctx context.Context, r *rand.Rand) error {
	const newest, others = 20, 10
	all := k.ledger.sorted()
	some := all[max(0, len(all)-newest):]
	for range min(others, len(all)) {
		some = append(slices.Clip(some), all[r.IntN(len(all))])
	}
	for _, t := range some {
		secret, told := k.ledger.secrets[t.ID]
		if !told {
			continue
		}
		want := t.Active(time.Now())
		if got, err := k.program.allows(ctx, "Bearer "+secret); err != nil || got != want {
			return fmt.Errorf("a Check is allowed: %t, want %t: token %+v, %w", got, want, t, err)
		}
	}
	return nil
}

// String tells what was seen.
func (k *killing) String() string {
	s := k.seen
	return fmt.Sprintf("%d kills, %d of them offline, and %d while starting: %d changes acknowledged and none lost; of %d that were not answered %d were made whole and the rest not at all; starts p50 %s, p99 %s, longest %s",
		s.kills, s.offline, s.starting, s.answered, s.unanswered, s.made, quantile(s.starts, 50), quantile(s.starts, 99), quantile(s.starts, 100))
}

// Close implements Campaign.
func (k *killing) Close() error {
	if k.program == nil {
		return nil
	}
	return k.program.kill()
}
