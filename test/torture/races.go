package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// races changes what callers may do while they ask.
func races() Case {
	return Case{
		Name:  "races",
		About: "a Check that began after a revocation had returned is allowed, or one that began after a grant had returned is refused",
		Steps: 1000,
		Open:  openContending,
	}
}

const racesConfiguration = `server: {drain: 0s, listeners: [{address: "unix:DIR/authz.sock", scheme: trusted}]}
scopes: [read]
store: {path: data, keys: [{id: k1, secret: "file:server.key"}]}
authenticators:
  - {name: token, token: {prefixes: [mbz_, pfy_]}}
  - {name: basic, basic: {principals: [machine]}}
hosts:
  - {name: api, match: [api.example.com], accept: [[token, basic]], tenant: none, routes: [{methods: [GET], path: /key, scopes: [read]}]}
decision_log: {off: true}
cache: {ttl: 60s, deny_ttl: 60s}
`

// mostLead is how long callers may ask before the change begins.
const mostLead = 2 * time.Millisecond

// contending is the campaign.
type contending struct {
	seed    uint64
	program *storeProgram
	seen    chased
	won     map[string]int
}

func openContending(ctx context.Context, setting Setting) (Campaign, error) {
	file, err := buildStoreProgram(ctx, setting.Dir)
	if err != nil {
		return nil, err
	}
	r := &contending{seed: setting.Seed, won: map[string]int{}}
	if r.program, err = newStoreProgram(file, filepath.Join(setting.Dir, "races"), racesConfiguration); err != nil {
		return nil, err
	}
	_, err = r.program.start(ctx)
	return r, err
}

// Run implements Campaign.
func (r *contending) Run(ctx context.Context, from, to uint64) error {
	for number := from; number < to; number++ {
		if err := r.step(ctx, number); err != nil {
			return fmt.Errorf("step %d: %w", number, err)
		}
	}
	return nil
}

// step is one race. Kinds come in turn, warm and cold.
func (r *contending) step(ctx context.Context, number uint64) error {
	all := contests()
	kind := all[number%uint64(len(all))]
	warm := number/uint64(len(all))%2 == 0
	draw := random(r.seed, number)
	runner := &contestant{
		client: r.program.admin, name: fmt.Sprintf("r%d-%x", number, draw.Uint32()), random: draw,
		address: fmt.Sprintf("10.%d.%d.%d", byte(number>>16), byte(number>>8), byte(number)),
	}
	turn, err := kind.prepare(ctx, runner)
	if err != nil {
		return fmt.Errorf("%s: prepare: %w", kind.name, err)
	}
	c := chase{
		ask: func(ctx context.Context) (int, error) {
			got, err := r.program.ask(ctx, runner.shows, runner.address)
			return got.status, err
		},
		turn: turn, grants: kind.grants, warm: warm, lead: time.Duration(draw.Int64N(int64(mostLead))),
	}
	if err := c.run(ctx, &r.seen); err != nil {
		return fmt.Errorf("%s, warm: %t: %w", kind.name, warm, err)
	}
	r.won[kind.name]++
	return nil
}

// String tells what was seen.
func (r *contending) String() string {
	return fmt.Sprintf("%v: %d Checks ended before the change returned, %d while it did, and %d began afterwards and were all answered by it",
		r.won, r.seen.before.Load(), r.seen.during.Load(), r.seen.after.Load())
}

// Close implements Campaign.
func (r *contending) Close() error { return r.program.kill() }

// contestant is a caller in a race, and who administers them.
type contestant struct {
	client        adminv1.AdminServiceClient
	name, address string
	random        *rand.Rand
	// shows is what stands in the header authorization.
	shows string
}

func (c *contestant) grant(tenant string) *adminv1.Grant {
	return &adminv1.Grant{Subject: c.name, Tenant: tenant, Scopes: []string{"read"}}
}

// basic shows a name and a password.
func (c *contestant) basic(password string) {
	c.shows = "Basic " + base64.StdEncoding.EncodeToString([]byte(c.name+":"+password))
}

// password has few rounds, which only an imported one may: what races is not the hash.
func (c *contestant) password(password string) (string, error) {
	return pbkdf2Text(password, 1000, c.random)
}
